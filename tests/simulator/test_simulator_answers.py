"""The texts depend on the prompt, have the form it asks for, and stop where they must."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.asks import ANTHROPIC, GOOGLE, OPENAI, PROVIDERS, make_client
from tui.simulator import tokens
from tui.simulator.pace import delays, pieces
from tui.simulator.settings import Pace
from tui.simulator.text import think, write, write_at_length
from tui.simulator.writing.cast import named
from tui.simulator.writing.outline import read

CHARACTER = """# Character Generation Prompt

Generate a character for a {genre} story.

**Character Type:** reluctant hero

**Existing Characters:** Mira, a smuggler, and Tobias the clockmaker

**Requirements:**
- Unique personality traits

**Output Format:**
- Name
- Age
- Occupation
- Personality (3-5 traits)
- Backstory (2-3 sentences)
"""
WORLD = """# Worldbuilding

Describe an orbital habitat.

## Output format
- Geography
- Culture (one paragraph)
- Conflict
"""
DIALOGUE = "# Dialogue\n\nSuggest three alternatives.\n\n**Characters:** Mira and Tobias\n"
CHAPTER = (
    "Write the opening of chapter 7.\n\n**Protagonist:** Delia Marlow\n**Setting:** an empty hotel lobby\n"
)
PLOT = "# Plot\n\nOutline a mystery about a missing ledger."
ESSAY = "Explain how tides and currents shape a coastline."
REVIEW = "Review this paragraph: The storm came over the harbour, and the boats were pulled up the beach."
IDEAS = "Brainstorm five titles for a romance that is set in a bakery."
SUMMARY = """Summarise the following text in 2 bullet points.

The lighthouse was built in 1850 to guide the herring fleet. Its lamp burned whale oil until 1880.
When the harbour silted up, the fleet moved north and the keepers of the lighthouse were dismissed.
"""
GREETING = "Hello!"
PROMPTS = (CHARACTER, WORLD, DIALOGUE, CHAPTER, PLOT, ESSAY, REVIEW, IDEAS, SUMMARY, GREETING)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_five_providers_give_five_texts_and_always_the_same(prompt: str) -> None:
    texts = [write(provider, "model", prompt, 0) for provider in PROVIDERS]
    assert len(set(texts)) == 5
    assert texts == [write(provider, "model", prompt, 0) for provider in PROVIDERS]


def test_model_and_seed_vary_the_text() -> None:
    texts = {write("openai", model, CHARACTER, seed) for model in ("a", "b") for seed in (0, 1)}
    assert len(texts) == 4


@pytest.mark.parametrize("prompt", [CHARACTER, WORLD, DIALOGUE, CHAPTER, PLOT, ESSAY, IDEAS])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_answer_is_neither_too_short_nor_too_long(provider: str, prompt: str) -> None:
    assert 80 <= tokens.count(write(provider, "model", prompt, 0)) <= 350


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "genre", ["fantasy", "science fiction", "noir", "gothic", "romance", "historical", "plain"]
)
def test_a_character_has_the_labels_asked_for(provider: str, genre: str) -> None:
    text = write(provider, "model", CHARACTER.replace("{genre}", genre), 0)
    labels = re.findall(r"\*\*(\w+):\*\* \S", text)
    assert labels == ["Name", "Age", "Occupation", "Personality", "Backstory"]
    traits = re.search(r"\*\*Personality:\*\* (.+)", text)
    assert traits
    assert 3 <= len(traits[1].split(", ")) <= 5
    name = re.search(r"\*\*Name:\*\* (\S+)", text)
    assert name
    assert name[1] not in ("Mira", "Tobias")


def test_headings_speakers_numbers_and_names_come_from_the_prompt() -> None:
    assert re.findall(r"## (.+)", write("openai", "model", WORLD, 0)) == ["Geography", "Culture", "Conflict"]
    talk = write("openai", "model", DIALOGUE, 0)
    assert re.findall(r"### Option (\d)", talk) == ["1", "2", "3"]
    assert set(re.findall(r"\*\*(\w+):\*\*", talk)) == {"Mira", "Tobias"}
    scene = write("openai", "model", CHAPTER, 0)
    assert scene.startswith("## Chapter 7: ")
    assert "*An empty hotel lobby.*" in scene
    assert "Delia" in scene
    assert "tides" in write("openai", "model", ESSAY, 0)
    assert "whale oil" in write("openai", "model", SUMMARY, 0) or "herring" in write(
        "openai", "model", SUMMARY, 0
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_json_is_given_where_it_is_asked_for(provider: str) -> None:
    text = write(provider, "model", "Create a villain. Respond in JSON with:\n- name\n- age\n- goal\n", 0)
    value = json.loads(text.removeprefix("```json").removesuffix("```"))
    assert list(value) == ["name", "age", "goal"]
    assert isinstance(value["age"], int)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_strict_sheet_has_its_lines_and_nothing_else(provider: str) -> None:
    prompt = (
        "Invent one reluctant mentor for a low fantasy story.\n\n<existing_characters>\nMira, a smuggler\n"
        "</existing_characters>\n\n1. **Want.** Something that another person could refuse.\n\n"
        "Answer with exactly these lines, with nothing before or after them:\n\n"
        "Name: full name\nWant: one sentence\nContradiction: of the form “… but …”\nVoice: one line\n"
    )
    lines = write(provider, "model", prompt, 0).split("\n")
    assert [line.split(": ")[0] for line in lines] == ["Name", "Want", "Contradiction", "Voice"]
    assert " but " in lines[2]
    assert named(read(prompt)) == ("Mira",)
    assert read(prompt).genre == "low fantasy"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_premise_is_followed_through_the_sections_asked_for(provider: str) -> None:
    prompt = (
        "# Worldbuilding\n\nBuild one corner of a world.\n\n**The one difference:** sound can be bottled\n\n"
        "Answer in markdown, in these sections:\n\n## Consequences\nThree bullet points.\n\n"
        "## Words\nFour sayings.\n\n## Open questions\nTwo of them.\n"
    )
    text = write(provider, "model", prompt, 0)
    assert re.findall(r"^## (.+)$", text, re.M) == ["Consequences", "Words", "Open questions"]
    assert "sound can be bottled" in text
    counts = [part.count("\n- ") for part in text.split("## ")[1:]]
    assert counts == [3, 4, 2]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_next_lines_name_their_tactics(provider: str) -> None:
    prompt = "Suggest 4 possible next lines of dialogue.\n\n1. [tactic] “The line.” — what it changes\n"
    lines = write(provider, "model", prompt, 0).split("\n")
    found = [re.fullmatch(r"(\d)\. \[([a-z ]+)\] (“.+”|\(.+\)) — .+", line) for line in lines]
    assert [match[1] for match in found if match] == ["1", "2", "3", "4"]
    assert len({match[2] for match in found if match}) == 4


def test_a_chapter_takes_up_the_story_so_far() -> None:
    prompt = (
        "Write the next chapter of a coastal mystery story.\n\n**Story so far:**\nInes found the logbook.\n\n"
        "**Who appears:**\nInes, a pilot\nOld Tobar, the keeper\n"
    )
    text = write("openai", "model", prompt, 0)
    assert "*Ines found the logbook.*" in text
    assert "Is it about the logbook?" in text
    assert "said Tobar" in text
    assert not text.startswith("#")


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_prompt_gets_an_answer(prompt: str) -> None:
    assert write("openai", "model", prompt, 0).strip()


@given(st.text(max_size=300))
def test_tokens_and_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(tokens.tokenize(text)) == text
    found = pieces(text, "seed")
    assert "".join(piece.text for piece in found) == text
    assert sum(len(piece.text.split()) > 3 for piece in found) == 0


def test_a_token_is_about_four_to_five_letters_of_prose() -> None:
    text = write("openai", "model", CHAPTER, 0)
    assert 3.5 <= len(text) / tokens.count(text) <= 5.5


@pytest.mark.parametrize("amount", [1, 40, 400])
def test_thoughts_are_exactly_as_long_as_billed(amount: int) -> None:
    assert tokens.count(think(CHARACTER, amount, 0)) == amount


def test_a_very_long_answer() -> None:
    assert tokens.count(write_at_length("openai", "model", CHARACTER, 0)) > 8000


def test_the_average_pace_is_the_pace() -> None:
    stream = delays(Pace(50, 0.5), "seed")
    assert sum(next(stream) for _ in range(2000)) == pytest.approx(40, rel=0.03)


def test_labels_and_people_of_a_prompt() -> None:
    outline = read(CHARACTER)
    assert outline.kind == "character"
    assert outline.title == "Character Generation"
    assert [field.label for field in outline.wanted] == [
        "Name",
        "Age",
        "Occupation",
        "Personality",
        "Backstory",
    ]
    assert outline.wanted[3].hint == "3-5 traits"
    assert named(outline) == ("Mira", "Tobias")
    assert named(read(CHAPTER)) == ("Delia",)


async def test_an_answer_ends_before_a_stop_sequence() -> None:
    async with make_client() as client:
        anthropic = (await ANTHROPIC.ask(client, CHARACTER, stop_sequences=["nowhere", "**Age"])).json()
        google = (await GOOGLE.ask(client, CHARACTER, generationConfig={"stopSequences": ["**Age"]})).json()
        openai = (await OPENAI.ask(client, CHARACTER, model="gpt-4.1", stop="**Age")).json()
    assert (anthropic["stop_reason"], anthropic["stop_sequence"]) == ("stop_sequence", "**Age")
    assert google["candidates"][0]["finishReason"] == "STOP"
    assert openai["choices"][0]["finish_reason"] == "stop"
    texts = (anthropic["content"][0]["text"], GOOGLE.text(google), OPENAI.text(openai))
    assert all("Name" in text and "Age" not in text for text in texts)


@pytest.mark.parametrize("limit", [1, 17])
async def test_an_answer_is_cut_at_the_limit(limit: int) -> None:
    async with make_client() as client:
        answer = (await ANTHROPIC.ask(client, CHARACTER, limit=limit)).json()
    assert answer["stop_reason"] == "max_tokens"
    assert answer["usage"]["output_tokens"] == limit
    assert tokens.count(answer["content"][0]["text"]) == limit
