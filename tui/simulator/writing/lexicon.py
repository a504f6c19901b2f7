"""Words for the genres: people, places, things and troubles that go together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one genre.

    `women` and `men` are first names. `occupations` have no article; `places`, which can follow "in",
    `things`, `troubles` and `powers`, which are plural, have theirs. `weather` is the beginning of a sentence
    in the past tense, `mornings` what most mornings bring.
    """

    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]
    occupations: tuple[str, ...]
    places: tuple[str, ...]
    names: tuple[str, ...]
    things: tuple[str, ...]
    troubles: tuple[str, ...]
    powers: tuple[str, ...]
    weather: tuple[str, ...]
    mornings: str


_FANTASY: Final = Lexicon(
    women=("Ysolde", "Maren", "Thessaly", "Brannoch", "Elowen", "Sirra"),
    men=("Aldric", "Corvin", "Tam", "Oswin", "Hale", "Joren"),
    surnames=("Ashmantle", "Thornbury", "of the Low Fen", "Vale", "Harrowgate", "Stonewright"),
    occupations=("hedge-witch's apprentice", "mapmaker", "oath-keeper", "ferryman's heir", "bell-founder"),
    places=("the salt marshes", "the upper city", "the drowned quarter", "the hill forts", "the old orchard"),
    names=("Aldermere", "Vael", "Korrin Deep", "Hollowmarch", "Sennet"),
    things=(
        "a cracked seal",
        "a map with one road too many",
        "a borrowed name",
        "an unlit lantern",
        "a knot that cannot be cut",
        "a letter in the old script",
    ),
    troubles=(
        "the winter that will not end",
        "a broken oath",
        "the silence of the wells",
        "an heir nobody wants",
    ),
    powers=("the lantern judges", "the river clans", "the Ash Brothers", "the bell-wardens"),
    weather=(
        "Mist lay in the lanes",
        "Snow had come early",
        "The moon stood low and yellow",
        "Rain hung over the hills",
    ),
    mornings="mist from the marshes",
)
_SCIFI: Final = Lexicon(
    women=("Ines", "Kaya", "Noor", "Juno", "Sade", "Vera"),
    men=("Idris", "Mateo", "Anders", "Ravi", "Cole", "Teo"),
    surnames=("Okafor", "Lindqvist", "Sato", "Reyes", "Marchetti", "Voss"),
    occupations=(
        "orbital salvage diver",
        "memory auditor",
        "hydroponics engineer",
        "docking pilot",
        "signal clerk",
    ),
    places=("the lower ring", "the dockyards", "the quiet decks", "the greenhouse level", "Relay Nine"),
    names=("Meridian Station", "Calloway Ring", "Ostara", "New Trieste", "Relay Nine"),
    things=(
        "a data key with no owner",
        "a sealed cargo manifest",
        "a voice in the static",
        "an outdated star chart",
        "a wedding ring in the air filter",
        "a spare set of keys",
    ),
    troubles=(
        "a slow leak in the water ledger",
        "a missing shift of twelve people",
        "the ship's polite refusals",
    ),
    powers=("the transit inspectors", "the dock unions", "the ledger keepers", "the founding families"),
    weather=(
        "The lights had gone to their evening amber",
        "Coolant fog drifted along the deck",
        "Dust ticked against the outer hull",
    ),
    mornings="a thin coolant fog",
)
_NOIR: Final = Lexicon(
    women=("Delia", "Ruth", "Vivian", "Nora", "Ida", "Carmen"),
    men=("Frank", "Silas", "Leo", "Walter", "Emmett", "Ray"),
    surnames=("Marlow", "Castellano", "Pike", "Drummond", "Kessler", "Bell"),
    occupations=(
        "night-shift reporter",
        "retired police sketch artist",
        "hotel detective",
        "court stenographer",
    ),
    places=("the harbour district", "the records office", "the Alhambra Hotel", "the rail yards"),
    names=("Port Calder", "the Harbour District", "Saint Brendan", "Lowgate"),
    things=(
        "a torn ticket stub",
        "a ledger in the wrong handwriting",
        "a photograph cut in half",
        "an unposted letter",
        "a coat check number",
        "a stopped watch",
    ),
    troubles=(
        "a witness who changed her story",
        "a debt that outlived its owner",
        "a door that should have been locked",
    ),
    powers=("the councilmen", "the harbour bosses", "the morning papers", "the Castellano brothers"),
    weather=("Rain ran down the neon", "Fog had swallowed the pier", "The heat would not leave the streets"),
    mornings="rain off the harbour",
)
_GOTHIC: Final = Lexicon(
    women=("Agnes", "Honora", "Lenore", "Edith", "Sabine", "Maud"),
    men=("Ambrose", "Lucian", "Edmund", "Tobias", "Crispin", "Victor"),
    surnames=("Blackwood", "Thorne", "Hallow", "Grey", "Wexcombe", "Marsh"),
    occupations=("piano tuner", "parish archivist", "estate gardener", "portrait restorer", "night nurse"),
    places=("the east wing", "the walled garden", "the chapel crypt", "the nursery", "the long gallery"),
    names=("Wexcombe Hall", "Saltmoor", "Graywater", "Holloway End"),
    things=(
        "a music box that plays a different tune",
        "a portrait with its face scratched out",
        "a key of warm iron",
        "a diary kept by two people",
        "a black glove",
    ),
    troubles=(
        "footsteps on the wrong side of the wall",
        "a grave that is always fresh",
        "a child nobody remembers",
    ),
    powers=("the last heirs", "the churchwardens", "the servants", "the village women"),
    weather=(
        "Wind worried the shutters",
        "Frost had drawn ferns on the glass",
        "The fog came up from the graves",
    ),
    mornings="a fog that smells of earth",
)
_ROMANCE: Final = Lexicon(
    women=("Clara", "Amelie", "Rosa", "Priya", "Hannah", "Lucia"),
    men=("Daniel", "Theo", "Mateus", "Arjun", "Owen", "Luca"),
    surnames=("Bennett", "Moreau", "Alvarez", "Kapoor", "Whitlock", "Rossi"),
    occupations=("bookbinder", "pastry chef", "violin maker", "harbour pilot", "village vet"),
    places=(
        "the lemon terraces",
        "the bookshop on the corner",
        "the ferry hall",
        "the bakery",
        "the music room",
    ),
    names=("Santa Livia", "Kettle Bay", "Rue des Lilas", "Amberley"),
    things=(
        "a letter returned unopened",
        "a borrowed umbrella",
        "a half-finished song",
        "an old theatre ticket",
        "a recipe in two hands",
        "a pressed flower",
    ),
    troubles=(
        "a promise made to somebody else",
        "a train that leaves on Sunday",
        "a letter that came too late",
    ),
    powers=("two families who no longer speak", "the councillors", "the aunts"),
    weather=(
        "Evening light lay on the water",
        "The first warm rain had come",
        "The lilacs were late that year",
    ),
    mornings="a warm wind off the water",
)
_HISTORICAL: Final = Lexicon(
    women=("Katherine", "Marta", "Adela", "Beatrix", "Sarah", "Johanna"),
    men=("William", "Piet", "Samuel", "Hugh", "Elias", "Matthias"),
    surnames=("Fairclough", "van der Meer", "Ashdown", "Pell", "Carver", "Lindt"),
    occupations=("cloth merchant's widow", "ship's surgeon", "printer's journeyman", "telegraph operator"),
    places=(
        "the cloth market",
        "the printing house",
        "the garrison town",
        "the river docks",
        "the assay office",
    ),
    names=("Ghent Street", "Fort Carver", "Saint Olave's", "Harwick"),
    things=(
        "a forged bill of lading",
        "a broadside still wet with ink",
        "a soldier's pay book",
        "a silver thimble",
        "a cracked spectacle lens",
        "a sealed petition",
    ),
    troubles=("a tax that nobody can pay", "a fever in the lower town", "a verdict bought in advance"),
    powers=("the guild masters", "the officers", "the bishop's men", "the railway directors"),
    weather=(
        "Coal smoke lay over the roofs",
        "The river had frozen to the bridge",
        "Dust followed the coach",
    ),
    mornings="coal smoke and church bells",
)
_LITERARY: Final = Lexicon(
    women=("Irene", "Naomi", "Greta", "Leila", "Frances", "Mina"),
    men=("Julian", "Samir", "Peter", "Caleb", "Anton", "Felix"),
    surnames=("Hartley", "Novak", "Amari", "Lindgren", "Doyle", "Serrano"),
    occupations=("piano teacher", "lighthouse keeper", "translator", "bus driver", "archivist"),
    places=(
        "the old quarter",
        "the river gardens",
        "the reading room",
        "the station café",
        "the attic rooms",
    ),
    names=("Larkspur Street", "Northmouth", "the Old Quarter", "Elm Harbour"),
    things=(
        "an unsent letter",
        "a key that fits no door",
        "a photograph without a date",
        "a borrowed coat",
        "a list with one name crossed out",
        "a spare key",
    ),
    troubles=(
        "a question nobody has asked aloud",
        "a house that has to be sold",
        "a silence of eleven years",
    ),
    powers=("the cousins", "the neighbours", "the councillors", "the people who stayed"),
    weather=(
        "The morning was bright and cold",
        "Rain had been falling since noon",
        "The last light lay on the roofs",
    ),
    mornings="a pale, even light",
)
_GENRES: Final = (
    (r"fantasy|magic|dragon|wizard|sword|elf|elves|myth", _FANTASY),
    (r"science.?fiction|sci-?fi|space|cyberpunk|robot|starship|futur|android|orbital", _SCIFI),
    (r"noir|myster|detective|crime|thriller|murder|spy", _NOIR),
    (r"horror|gothic|ghost|haunt|vampire|supernatural", _GOTHIC),
    (r"romance|romantic|love story", _ROMANCE),
    (r"histor|western|victorian|medieval|war|regency", _HISTORICAL),
)


def lexicon(genre: str, text: str) -> Lexicon:
    """The words for a genre named in the prompt, or for what its text sounds like."""
    for source in (genre, text):
        for pattern, words in _GENRES:
            if re.search(rf"\b(?:{pattern})", source, re.I):
                return words
    return _LITERARY
