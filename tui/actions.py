"""Every action a user can take: the one table behind the keys, the palette, the help and the README."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from collections.abc import Mapping

Place: TypeAlias = Literal[
    "workbench",
    "history",
    "opened",
    "provider",
    "answer",
    "program",
    "list",
    "answers",
    "plan",
    "browser",
    "reading",
    "template",
    "editor",
    "values",
    "choice",
    "long-value",
    "replay",
    "question",
    "conflict",
    "draft",
    "scenarios",
    "revisions",
    "help",
]
"""Where an action's keys count: on a whole screen, or in one kind of pane while it has the focus.

"answer" is every screen with answers, "program" every full screen.
"""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a user can do."""

    id: str
    """Stable name, by which a keymap can give the action other keys."""
    keys: str
    """Textual's key names, comma-separated; the first is the one that is shown."""
    call: str
    """The `action_…` method, with its arguments."""
    title: str
    """A verb and an object, as the palette and the help show it."""
    help: str = ""
    """One sentence more, where the title does not say it all."""
    place: Place = "workbench"
    short: str = ""
    """The word in the key line; empty: not there."""
    palette: bool = False
    """Whether the palette offers it."""
    demo: bool = False
    """Whether it is there in a demo only."""


_KEY_NAMES = {
    "question_mark": "?", "slash": "/", "plus": "+", "minus": "-", "up": "↑", "down": "↓", "left": "←",
    "right": "→", "escape": "esc", "pageup": "pgup", "pagedown": "pgdn", "full_stop": ".", "upper_p": "P",
    "colon": ":", "G": "G", "equals_sign": "=", "number_sign": "#", "less_than_sign": "<",
    "greater_than_sign": ">", "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    Action("run", "r", "run", "Run the version at hand",
           "Fills in the values, waits for the provider's bucket if it must, and streams the answer.",
           short="run", palette=True),
    Action("run-several", "R", "run_several", "Run several versions or providers",
           "Shows first how many calls it takes, what they cost and how long they wait.",
           short="several", palette=True),
    Action("live", "L", "live", "Turn live mode on or off",
           "Every save of the prompt at hand, by any editor, repeats its last run and shows the difference.",
           short="live", palette=True),
    Action("activate", "a", "activate", "Make this version the active one",
           "Edits the one `active:` line in this file, and in the file of the version that was active.",
           short="activate", palette=True),
    Action("write", "i", "write", "Write in the editor pane",
           "What is typed is kept as a draft at once, through crashes too: esc leaves, and nothing is lost.",
           short="write", palette=True),
    Action("save", "ctrl+s", "save", "Save the draft to its file",
           "If the file was changed meanwhile you choose: yours, the other, or a merge.", palette=True),
    Action("save-run", "ctrl+r", "save_and_run", "Save the draft and run it", palette=True),
    Action("drop-draft", "D", "drop_draft", "Drop the draft: back to what the file says",
           "While the editor pane is open, undo brings it back.", palette=True),
    Action("edit", "e", "edit", "Edit the file in your editor",
           "Opens $VISUAL or $EDITOR; running answers go on meanwhile.", short="edit", palette=True),
    Action("new-version", "n", "new_version", "Begin a new version from this one",
           "Copies the file to the next `-vN.md`, not active yet.", palette=True),
    Action("new-prompt", "N", "new_prompt", "Begin a new prompt", "Asks for its name.", palette=True),
    Action("take-back", "u", "undo", "Undo the last change of files or rating",
           "Takes back new, renamed, retired, restored and activated versions, one at a time.", palette=True),
    Action("rename", "", "rename", "Rename this prompt",
           "All its versions, in their files and in the history.", palette=True),
    Action("retire", "", "retire", "Retire this version: remove its file",
           "The local history keeps what it said; u brings it back.", palette=True),
    Action("revisions", "v", "revisions", "Show the local history of this version",
           "Every saved revision: what it changed, how its runs did; restore one, or a retired version.",
           short="versions", palette=True),
    Action("retired", "", "retired", "Bring back a retired version",
           "Opens its local history, from which it is restored.", palette=True),
    Action("view", "t", "view", "Switch between template and preview",
           "On a short screen the answer is a third view.",
           short="view", palette=True),
    Action("provider", "p", "provider(1)", "Choose the next provider",
           "Runs go to the provider marked ▸ in the strip.", short="provider", palette=True),
    Action("provider-back", "P", "provider(-1)", "Choose the provider before", palette=True),
    Action("detail", "o", "detail", "Open the provider's page",
           "Every limit and how far it is used, who waits, and the last hour; limits are changed there.",
           palette=True),
    Action("resume", "O", "resume", "Let the provider be called again",
           "After a refused key or an empty account, once that is mended; also ends a hold.", palette=True),
    Action("adopt", "A", "adopt", "Add the servers found on this machine",
           "Puts Ollama and the like, if one answers on its usual port, into the settings.", palette=True),

    Action("limit-down", "j,down", "limit(1)", "Mark the next limit", place="provider"),
    Action("limit-up", "k,up", "limit(-1)", "Mark the limit before", place="provider"),
    Action("limit-change", "enter", "change", "Change the marked limit",
           "It is written into the settings and in force at once; what was used stays used.",
           place="provider", short="change", palette=True),
    Action("provider-hold", "h", "hold", "Hold all calls for a while",
           "For every program of yours that shares the quota.", place="provider", short="hold", palette=True),
    Action("provider-resume", "O", "resume", "Let the provider be called again",
           place="provider", short="resume", palette=True),
    Action("other-provider", "p", "other(1)", "Go on to the next provider", place="provider",
           short="next", palette=True),
    Action("other-provider-back", "P", "other(-1)", "Go back to the provider before", place="provider"),
    Action("provider-back-out", "escape,o", "back", "Go back to the workbench", place="provider",
           short="back"),

    Action("run-open", "enter,l,right", "open", "Open the run", place="history", short="open", palette=True),
    Action("run-filter", "slash", "ask_query", "Search and filter the runs",
           "Words, and filters such as prompt:noir outcome:bad since:7d; tab completes, enter keeps, "
           "esc drops them.", place="history", short="search", palette=True),
    Action("run-same", "H", "only_prompt", "Show the runs of this prompt only, or all again",
           place="history", palette=True),
    Action("runs-export", "x", "export", "Export the runs that the filter selects",
           "To a new file, as .jsonl, .csv or .md; esc cancels while it goes on.",
           place="history", short="export", palette=True),
    Action("run-replay", "r", "replay", "Run the same values again",
           "Under the same or another version or provider, which the arrows choose.",
           place="history", short="replay", palette=True),
    Action("history-back", "escape", "back", "Drop the filter, then go back to the workbench",
           place="history"),

    Action("opened-replay", "r", "replay", "Run the same values again",
           "Under the same or another version or provider, which the arrows choose.",
           place="opened", short="replay", palette=True),
    Action("opened-raw", "m", "raw", "Show the answer as markdown, or raw", place="opened", short="raw",
           palette=True),
    Action("opened-reasoning", "f", "fold_reasoning", "Fold or unfold the reasoning",
           place="opened", palette=True),
    Action("opened-earlier", "right_square_bracket", "step(1)", "Go to the run below, an earlier one",
           place="opened", palette=True),
    Action("opened-later", "left_square_bracket", "step(-1)", "Go to the run above, a later one",
           place="opened", palette=True),
    Action("opened-back", "escape,h,left", "back", "Go back to the list", place="opened"),

    Action("good", "plus,equals_sign", "rate('success')", "Rate the answer as good",
           short="good", palette=True, place="answer"),
    Action("bad", "minus", "rate('failure')", "Rate the answer as bad",
           short="bad", palette=True, place="answer"),
    Action("exclude", "0", "rate('excluded')", "Leave the answer out of the count",
           "The key that gave a rating also takes it back.", palette=True, place="answer"),
    Action("note", "number_sign", "note", "Write a note on the answer", palette=True, place="answer"),
    Action("copy", "y", "copy", "Copy the answer",
           "Or the template or preview, while the cursor is in it; works over SSH and in tmux.",
           palette=True, place="answer"),
    Action("write-answer", "w", "write_answer", "Write the answer to a file",
           palette=True, place="answer"),
    Action("pager", "V", "pager", "View the answer in your pager",
           "Or the template or preview, while the cursor is in it. Opens $PAGER.",
           palette=True, place="answer"),
    Action("difference", "d", "difference", "Show how the answer differs from another one",
           "From its neighbour if several stand side by side, else from the one before; again: as it is.",
           palette=True),
    Action("earlier-answer", "left_square_bracket", "answer(-1)", "Go to an earlier answer of the prompt",
           "Also to those of earlier days.", palette=True),
    Action("later-answer", "right_square_bracket", "answer(1)", "Go to a later answer of the prompt",
           palette=True),
    Action("reasoning", "f", "reasoning", "Unfold or fold the model's reasoning", palette=True),
    Action("raw", "m", "raw", "Show or hide the answer's markdown marks", palette=True),
    Action("case", "c", "case", "Choose a case: named values for the form",
           "From `cases/NAME.yaml` beside the prompts; the one at hand, again: as it is in the file.",
           palette=True),
    Action("save-case", "C", "save_case", "Save the values as a case",
           "A new one, or the one at hand; comments in the file stay.", palette=True),
    Action("filter", "slash", "filter", "Filter the prompts",
           "Type words of a name, path, tag or description; enter keeps the filter, esc drops it.",
           short="filter", palette=True),
    Action("history", "H", "history", "Show all runs",
           "Of all days, newest first: search, open, rate, replay and export them.",
           short="history", palette=True),
    Action("history-prompt", "", "history(True)", "Show the runs of the prompt at hand", palette=True),
    Action("browser", "b", "browser", "Show or hide the prompt browser", palette=True),
    Action("zoom", "z", "zoom", "Give the focused pane all the room, or end that", palette=True),
    Action("wider", "greater_than_sign", "resize(1)", "Make the focused pane wider",
           "The text and the answer: larger.", palette=True),
    Action("narrower", "less_than_sign", "resize(-1)", "Make the focused pane narrower", palette=True),
    Action("cancel", "escape", "cancel", "Cancel the runs that wait, then those that run",
           "First it leaves a field, shows all panes, and drops a filter; in an answer it cancels that one."),
    Action("next-pane", "tab", "app.focus_next", "Go to the next pane or field", place="program"),
    Action("previous-pane", "shift+tab", "app.focus_previous", "Go to the pane or field before",
           place="program"),
    Action("palette", "ctrl+p,colon", "app.command_palette", "Open the command palette",
           "Every action and theme by name.", short="palette", place="program"),
    Action("scenarios", "F", "scenarios", "Let simulated calls fail",
           "Only with `--demo`: choose what goes wrong, at which provider, for how many calls.",
           palette=True, demo=True),
    Action("help", "question_mark", "help", "Show this help", short="help", palette=True, place="program"),
    Action("quit", "q", "app.quit", "Quit",
           "Runs that are going on are cancelled, and recorded as that.",
           short="quit", palette=True, place="program"),

    Action("cursor-down", "j,down", "cursor(1)", "Go down", place="list"),
    Action("cursor-up", "k,up", "cursor(-1)", "Go up", place="list"),
    Action("fold", "h,left", "fold", "Fold the prompt, or go to its name", place="browser"),
    Action("unfold", "l,right", "unfold", "Unfold the prompt, or go to its first version", place="browser"),
    Action("open", "enter", "open", "Unfold or fold a prompt; on a version, go to its values",
           place="browser"),
    Action("mark", "space", "mark", "Mark the version for running several, or unmark it", place="browser"),
    Action("page-down", "pagedown,ctrl+d", "cursor_page(1)", "A page down", place="list"),
    Action("page-up", "pageup,ctrl+u", "cursor_page(-1)", "A page up", place="list"),
    Action("first", "g,home", "cursor_end(-1)", "Go to the first row", place="list"),
    Action("last", "G,end", "cursor_end(1)", "Go to the last row", place="list"),

    Action("scroll-down", "j,down", "rows(1)", "Scroll down", place="reading"),
    Action("scroll-up", "k,up", "rows(-1)", "Scroll up", place="reading"),
    Action("scroll-page-down", "pagedown,space,ctrl+d", "pages(1)", "A page down", place="reading"),
    Action("scroll-page-up", "pageup,ctrl+u", "pages(-1)", "A page up", place="reading"),
    Action("scroll-top", "g,home", "top", "Go to the top", place="reading"),
    Action("scroll-bottom", "G,end", "bottom", "Go to the end", place="reading"),
    Action("search", "slash", "search", "Search the text",
           "Small letters find capitals too; enter keeps the marks, esc drops them.", place="reading"),
    Action("next-match", "n", "match(1)", "Go to the next match", place="reading"),
    Action("previous-match", "N", "match(-1)", "Go to the match before", place="reading"),

    Action("write-here", "enter", "screen.write", "Write in the editor pane", place="template"),

    Action("write-save", "ctrl+s", "screen.save", "Save", short="save", place="editor"),
    Action("write-run", "ctrl+r", "screen.save_and_run", "Save and run", short="save, run", place="editor"),
    Action("find", "ctrl+f", "find", "Look for words", short="find", place="editor"),
    Action("find-next", "ctrl+g", "find_next", "Go to the next match", place="editor"),
    Action("replace", "ctrl+o", "replace", "Replace words, one by one or all", short="replace",
           place="editor"),
    Action("undo", "ctrl+z", "undo", "Undo; ctrl+y does it again", short="undo", place="editor"),
    Action("beside", "ctrl+t", "screen.beside", "Show or hide the preview beside the text",
           short="preview", place="editor"),
    Action("write-palette", "ctrl+p", "app.command_palette", "Open the command palette", short="palette",
           place="editor"),
    Action("leave", "escape", "leave", "Leave the text; the draft is kept", short="leave", place="editor"),

    Action("answer-left", "h,left", "column(-1)", "Go to the answer at the left", place="answers"),
    Action("answer-right", "l,right", "column(1)", "Go to the answer at the right", place="answers"),

    Action("field-done", "enter,down", "next_field", "Go to the next value", place="values"),
    Action("field-back", "up", "previous_field", "Go to the value before", place="values"),
    Action("field-run", "ctrl+r", "screen.run", "Run without leaving the field", place="values"),
    Action("field-file", "ctrl+f", "screen.value_from_file", "Take the value from a file", place="values"),
    Action("field-break", "ctrl+j", "line_break", "Begin a new line",
           "The field grows; in a value of several lines enter does it.", place="values"),

    Action("choice-next", "right", "choose(1)", "Take the next choice",
           "Typing finds one by its letters.", place="choice"),
    Action("choice-back", "left", "choose(-1)", "Take the choice before", place="choice"),

    Action("long-run", "ctrl+r", "screen.run", "Run without leaving the value", place="long-value"),
    Action("long-file", "ctrl+f", "screen.value_from_file", "Take the value from a file",
           place="long-value"),

    Action("replay-provider", "right,l,p", "provider(1)", "Choose the next provider", place="replay"),
    Action("replay-provider-back", "left,h,P", "provider(-1)", "Choose the provider before", place="replay"),
    Action("replay-version", "up,k", "version(1)", "Choose the next version", place="replay"),
    Action("replay-version-back", "down,j", "version(-1)", "Choose the version before", place="replay"),
    Action("replay-go", "enter,r", "go", "Run it", place="replay"),
    Action("replay-leave", "escape,q", "leave", "Run nothing", place="replay"),

    Action("no-answer", "escape", "dismiss", "Give no answer", place="question"),
    Action("offer-next", "down,ctrl+n", "step(1)", "Go to the next that is offered", place="question"),
    Action("offer-back", "up", "step(-1)", "Go to the one before", place="question"),
    Action("complete", "tab", "complete", "Take what is offered", place="question"),

    Action("scenario-down", "j,down", "cursor(1)", "Go down", place="scenarios"),
    Action("scenario-up", "k,up", "cursor(-1)", "Go up", place="scenarios"),
    Action("scenario-provider", "l,right,tab", "target(1)", "Choose the next provider", place="scenarios",
           short="provider"),
    Action("scenario-provider-back", "h,left,shift+tab", "target(-1)", "Choose the provider before",
           place="scenarios"),
    Action("scenario-often", "t,space", "often", "Choose for how many calls", place="scenarios",
           short="how often"),
    Action("scenario-set", "enter", "want", "Let it happen", place="scenarios", short="set"),
    Action("scenario-clear", "c", "clear", "Answer every call as usual", place="scenarios",
           short="clear all"),
    Action("close-scenarios", "escape,q,F", "screen.dismiss", "Close the page", place="scenarios"),

    Action("keep-mine", "s", "choose('mine')", "Save mine",
           "Written to the file; theirs goes into the local history.", place="conflict"),
    Action("take-theirs", "t", "choose('theirs')", "Take theirs",
           "The editor shows the file; mine is set aside as a draft.", place="conflict"),
    Action("merge", "m", "choose('merge')", "Merge",
           "Both in the editor, with markers where they disagree; nothing is written yet.", place="conflict"),
    Action("decide-later", "escape,q", "later", "Decide later",
           "The file stays as it is, and the draft too.", place="conflict"),

    Action("draft-on", "enter,d", "choose('draft')", "Go on with the draft", place="draft"),
    Action("draft-file", "f", "choose('file')", "Open the file",
           "The draft stays, and is offered again.", place="draft"),
    Action("draft-drop", "x", "choose('drop')", "Drop the draft, and open the file", place="draft"),
    Action("draft-later", "escape,q", "later", "Open neither", place="draft"),

    Action("revision-difference", "d", "difference", "Show what changed, or the whole file",
           place="revisions", short="diff"),
    Action("revision-restore", "R", "restore", "Restore this revision",
           "Shows what that would change in the file, and asks; u takes it back.",
           place="revisions", short="restore"),
    Action("revision-against", "c", "against", "Compare with something else",
           "The one before, the file as it is, git HEAD, and the prompt's other versions, in turn.",
           place="revisions", short="compare"),
    Action("revision-mark", "space", "mark", "Mark this one, to compare others with it",
           place="revisions", short="mark"),
    Action("revision-runs", "enter", "runs", "Show the runs of this revision", place="revisions",
           short="runs"),
    Action("revision-earlier", "left_square_bracket", "version(-1)", "Go to the version before",
           "Retired ones too.", place="revisions"),
    Action("revision-later", "right_square_bracket", "version(1)", "Go to the next version",
           "Retired ones too.", place="revisions", short="version"),
    Action("revision-help", "question_mark", "help", "Show the keys", place="revisions"),
    Action("revision-leave", "escape,q,v", "leave", "Go back to the workbench", place="revisions",
           short="back"),

    Action("plan-down", "j,down", "cursor(1)", "Go down", place="plan"),
    Action("plan-up", "k,up", "cursor(-1)", "Go up", place="plan"),
    Action("plan-run", "enter", "want", "Run what is chosen", place="plan", short="run"),
    Action("plan-pick", "space,x", "pick", "Choose the row, or leave it out", place="plan",
           short="choose"),
    Action("plan-pick-all", "a", "pick_all", "Choose all rows of a kind, or none", place="plan",
           short="all or none"),
    Action("close-plan", "escape,q", "screen.dismiss", "Run nothing", place="plan", short="leave"),

    Action("close-help", "escape,q,question_mark", "dismiss", "Close the help", place="help"),
)  # fmt: skip

_BY_ID = {action.id: action for action in ACTIONS}

PLACES: dict[Place, str] = {
    "workbench": "On the workbench",
    "answer": "On an answer: on the workbench, in the history, in an opened run",
    "program": "Everywhere",
    "list": "In a list",
    "browser": "In the prompt browser",
    "reading": "In a text (template, preview, answer)",
    "template": "In the template",
    "editor": "While writing",
    "answers": "In an answer beside others",
    "values": "In a value",
    "choice": "In a value that is one of some choices",
    "revisions": "In the local history",
    "history": "In the history",
    "opened": "In an opened run",
    "provider": "On a provider's page",
    "replay": "While choosing where to replay",
}
"""The places that the help and the README list, with their headings."""


_PRIOR: tuple[Place, ...] = ("values", "choice", "long-value")


def key_label(key: str) -> str:
    """Return a key as it is printed on it: `slash` is `/`, `ctrl+p` stays."""
    return _KEY_NAMES.get(key, key)


_changed: dict[str, tuple[str, ...]] = {}


def use_keys(changed: Mapping[str, tuple[str, ...]]) -> None:
    """From now on say these keys, by action, in place of the usual ones: a process has one screen."""
    _changed.clear()
    _changed.update(changed)


def default_keys(action: Action) -> tuple[str, ...]:
    """Return the names of the keys that an action has unless the user gives it others."""
    return tuple(key for key in action.keys.split(",") if key)


def labels(action: Action) -> list[str]:
    """Return the printed names of an action's keys in force, the main one first; none if it has none."""
    return [key_label(key) for key in _changed.get(action.id) or default_keys(action)]


def key_of(name: str) -> str:
    """Return the printed name of the main key of the action with that id, for a sentence."""
    return labels(_BY_ID[name])[0]


def bindings(*places: Place) -> list[BindingType]:
    """Return Textual's bindings for the actions of these places."""
    return [
        Binding(
            action.keys,
            action.call,
            action.title,
            show=False,
            id=action.id,
            # In a field the keys that leave it come first, before what is typed behind them reaches it.
            priority=action.place in _PRIOR,
        )
        for action in ACTIONS
        if action.place in places and action.keys
    ]


def key_table() -> str:
    """Return the keys as markdown tables, for the README."""
    parts = []
    for place, heading in PLACES.items():
        rows = [
            f"| {' '.join(f'`{key_label(key)}`' for key in default_keys(action))} | {_sentence(action)} |"
            for action in ACTIONS
            if action.place == place and action.keys
        ]
        parts.append("\n".join([f"**{heading}**", "", "| key | what it does |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _sentence(action: Action) -> str:
    return f"{action.title}. {action.help}".strip() if action.help else action.title
