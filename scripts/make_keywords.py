"""Make phototagger/discover/keywords.txt: 5,000 nouns for what a photo can show, from WordNet 3.0.

    apt-get install wordnet-base
    python scripts/make_keywords.py

A keyword is a noun set of WordNet that names a thing one can see: an animal, an artifact, a food, a
plant, an object of nature, and what of the other groups stands in ROOTS. Its words are written on
one line, the one that is used most first. Of all there are, those are taken that are used most: in
the texts that WordNet's makers marked with senses (cntlist.rev), and in its own definitions.
Names (with capitals), words for groups of things that are too wide to be seen, and words that hurt
people are left out; of the words for people only those below PEOPLE are taken.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

COUNT = 5000
OUTPUT = Path(__file__).parents[1] / "phototagger/discover/keywords.txt"
HEAD = """\
# What a photo can show: noun sets of WordNet 3.0, made by scripts/make_keywords.py.
# The licence of WordNet is in NOTICE, beside this file.
"""

VISIBLE = {"05", "06", "13", "17", "20"}  # animal, artifact, food, object, plant (lexnames(5WN))
ROOTS = (
    "weather", "light", "celebration", "ceremony", "sport", "dancing", "contest", "fire",
    "season", "geological_formation", "body_of_water", "crowd", "herd", "flock", "city",
    "village", "park", "garden", "forest", "rainbow", "lightning", "sunset", "sunrise",
    "reflection", "snow", "ice", "smoke", "cloud", "atmospheric_phenomenon", "wood", "sand",
    "shadow", "night", "text", "graffito", "meal", "swimming", "skiing", "riding", "cycling",
    "fishing", "picnic", "nature", "swarm", "traffic", "bouquet", "skyline", "countryside",
    "gem", "metal", "glass",
)  # fmt: skip
"""What else can be seen, with all that is a kind of it."""

HIDDEN = (
    "microorganism", "chemical_element", "chemical", "drug", "radiation", "elementary_particle",
    "acid", "medicine", "toxin", "virus", "protoctist",
    "computer_memory", "electrical_device", "semiconductor_device", "circuit", "plant_tissue",
    "animal_tissue", "ion", "molecule", "surgical_instrument", "prosthesis", "missile",
)  # fmt: skip
"""What nobody takes a photo of, with all that is a kind of it."""

PEOPLE = (
    "person", "man", "woman", "child", "boy", "girl", "baby", "bride", "groom", "athlete",
    "musician", "dancer", "singer", "actor", "cook", "waiter", "waitress", "police_officer",
    "fireman", "soldier", "sailor", "nurse", "doctor", "teacher", "student", "farmer", "fisherman",
    "driver", "pilot", "cyclist", "skier", "swimmer", "runner", "climber", "surfer", "rider",
    "jockey", "painter", "photographer", "priest", "monk", "nun", "clown", "spectator", "tourist",
    "pedestrian", "family", "couple", "grandfather", "grandmother", "teenager", "toddler",
    "bridesmaid", "cowboy", "hiker", "shopper", "worker", "astronaut", "king", "queen", "mother",
    "father", "audience", "team", "orchestra", "choir", "band",
)  # fmt: skip
"""Words for people: these alone, and no kinds of them."""

BODY = (
    "face", "hand", "eye", "hair", "beard", "mustache", "smile", "ear", "nose", "mouth", "lip",
    "finger", "foot", "leg", "arm", "tattoo", "fur", "feather", "wing", "tail", "horn", "antler",
    "paw", "beak", "mane", "trunk", "claw", "hoof", "tooth", "tongue", "tusk", "shell",
)  # fmt: skip
"""Parts of bodies that photos are taken of, taken one by one."""

NEWER = (
    "cell phone, mobile phone, smartphone", "selfie", "drone, quadcopter", "wind turbine",
    "solar panel", "electric scooter", "traffic light, traffic signal, stoplight", "stop sign",
    "street art, mural", "food truck", "street food", "potted plant, houseplant", "fairy lights",
    "wine glass", "coffee cup", "sushi", "smoothie", "burger, hamburger, cheeseburger", "taco",
    "ramen", "noodle soup", "latte art", "bubble tea", "roller coaster", "ferris wheel",
    "golden hour", "blue hour", "milky way", "northern lights, aurora borealis", "starry sky",
    "long exposure", "silhouette", "bokeh", "aerial view", "close-up", "black and white",
    "night market", "street light", "crosswalk, zebra crossing", "parking lot", "cityscape",
    "paddleboard", "wetsuit", "hot-air balloon", "bike lane", "train station", "playground",
    "birthday cake", "christmas lights", "wedding dress", "engagement ring", "baby stroller",
    "flat screen, television set, tv", "game controller", "whiteboard", "name tag", "face mask",
    "seascape", "vineyard", "hiking trail", "campfire", "sand dune", "tide pool", "rock formation",
)  # fmt: skip
"""Keywords that WordNet 3.0 of 2006 does not have, or has under a name that nobody uses."""

AUXILIARY = {"can", "must", "may", "will", "might", "need", "well", "down"}  # in no WordNet
NEWER_USED = 20  # as often as a noun in the midst of the list
TOO_WIDE = 250  # kinds below a noun set, from which on it is too wide to be seen
WIDE = {
    "animal", "plant", "bird", "dog", "fish", "insect", "tree", "flower", "fruit", "vegetable",
    "food", "vehicle", "building", "clothing", "furniture", "boat", "ship", "tool", "machine",
    "mammal", "reptile", "shrub", "herb", "weapon", "musical_instrument", "container", "meal",
    "person", "shellfish", "wine", "bread", "car", "road", "room", "house", "cat", "horse", "toy",
    "dish", "dessert", "drink", "snake", "spider", "butterfly", "game", "sport", "wood",
}  # fmt: skip
"""Noun sets that are wide and still good keywords."""

UNWANTED = re.compile(
    r"\b(?:nigger|slut|whore|penis|vagina|vulva|clitoris|scrotum|testis|anus|buttocks?|ass|rectum|"
    r"cunt|crotch|genital\w*|condom|dildo|erection|tit|tits|cock|prick|dick|pussy|shit|turd|feces|"
    r"enema|cadaver|corpse|thing|object|whole|unit|part|piece|system|item|something|matter|stuff|"
    r"member|end|side|top|back|front|kind|set|side|way|creation|work|product|artifact|equipment|"
    r"instrumentality|device|structure|facility|article|commodity|covering|area|region|place|"
    r"point|base|support|mechanism|implement|means|apparatus|material|line|foot|head|organ|"
    r"making|specific|picture|photograph|edible|serving|element|agent|section|opening|hole|bar|"
    r"word|title|record|recording|representation|remain|quarter|layer|colors?|cavity|membrane|"
    r"ornamental|perennial|annual|coating|holder|obstruction|facing|custom-made|"
    r"tissue|gland|nerve|artery|vein|bone|muscle|hormone|drug|dose|medicine)s?\b"
)


class NounSet(NamedTuple):
    """One noun set: its words as they are written, its group, and what it is a kind of."""

    words: list[str]
    group: str
    hypernyms: list[str]
    is_instance: bool


def noun_sets(folder: Path) -> dict[str, NounSet]:
    """Return the noun sets of ``data.noun`` by their ids (see wndb(5WN))."""
    found = {}
    for line in (folder / "data.noun").read_text().splitlines():
        if line.startswith("  "):
            continue
        fields = line.split(" | ")[0].split()
        count = int(fields[3], 16)
        pointers = fields[5 + 2 * count :]
        kinds = {
            (pointers[at], pointers[at + 1])
            for at in range(len(pointers) - 1)
            if pointers[at] in ("@", "@i")
        }
        found[fields[0]] = NounSet(
            fields[4 : 4 + 2 * count : 2],
            fields[1],
            sorted(number for kind, number in kinds if kind == "@"),
            any(kind == "@i" for kind, _ in kinds),
        )
    return found


def senses(folder: Path) -> dict[str, list[str]]:
    """Return the ids of each noun's sets, the usual one first, by the noun in lower case."""
    found = {}
    for line in (folder / "index.noun").read_text().splitlines():
        if not line.startswith("  "):
            fields = line.split()
            found[fields[0]] = fields[-int(fields[2]) :]
    return found


def marked(folder: Path) -> tuple[Counter[tuple[str, int]], Counter[str]]:
    """Return how often senses were marked: of nouns (noun, number from 1), and of other words."""
    nouns: Counter[tuple[str, int]] = Counter()
    others: Counter[str] = Counter()
    for kind in ("verb", "adj", "adv"):  # a sense that was never marked may still be meant
        for line in (folder / f"index.{kind}").read_text().splitlines():
            if not line.startswith("  "):
                others[line.split()[0]] += 1
    for line in (folder / "cntlist.rev").read_text().splitlines():
        key, number, count = line.split()
        lemma, _, rest = key.partition("%")
        if rest.startswith("1:"):
            nouns[lemma, int(number)] += int(count)
        else:
            others[lemma] += int(count)
    return nouns, others


def in_definitions(folder: Path) -> Counter[str]:
    """Return how often one, two or three words in a row stand in all definitions."""
    found: Counter[str] = Counter()
    for path in sorted(folder.glob("data.*")):
        for line in path.read_text().splitlines():
            words = re.findall(r"\b[a-z][a-z'-]*\b", line.partition(" | ")[2])
            for size in (1, 2, 3):
                found.update("_".join(words[at : at + size]) for at in range(len(words) - size + 1))
    return found


def kinds_below(sets: dict[str, NounSet]) -> dict[str, set[str]]:
    """Return for each noun set all that it is a kind of, itself included."""
    above: dict[str, set[str]] = {}

    def of(number: str) -> set[str]:
        if number not in above:
            above[number] = {number}
            for hypernym in sets[number].hypernyms:
                above[number] |= of(hypernym)
        return above[number]

    for number in sets:
        of(number)
    return above


def keywords(folder: Path) -> list[list[str]]:
    """Return the words of each keyword, the one that is used most first, so too the keywords."""
    sets, by_noun, said = noun_sets(folder), senses(folder), in_definitions(folder)
    counts, others = marked(folder)
    above = kinds_below(sets)
    below = Counter(number for numbers in above.values() for number in numbers)
    roots = {number for root in ROOTS for number in by_noun.get(root, ())[:2]}
    hidden = {number for root in HIDDEN for number in by_noun.get(root, ())[:1]}
    people = {by_noun[word][0] for word in (*PEOPLE, *BODY) if word in by_noun}

    def used(word: str, number: str) -> float:
        """Say how much a word is used for a noun set: its share of what is said of the word."""
        noun = word.lower()
        place = by_noun[noun].index(number) + 1
        own = counts[noun, place]
        places = range(1, len(by_noun[noun]) + 1)
        every = sum(counts[noun, one] + 1 / one for one in places) + others[noun]
        share = 0 if noun in AUXILIARY else (own + 1 / place) / every
        return own + share * said[noun]

    ranked = []
    for number, one in sets.items():
        seen = one.group in VISIBLE or above[number] & roots
        if one.is_instance or above[number] & hidden or not (seen or number in people):
            continue
        words = [w for w in one.words if w.islower() and re.fullmatch(r"[a-z_'-]+", w)]
        words = [w for w in words if len(w) > 2 and by_noun[w].index(number) < 3]
        wide = below[number] > TOO_WIDE and not WIDE & set(one.words)
        if not words or wide or any(UNWANTED.search(w.replace("_", " ")) for w in words):
            continue
        if one.group == "18" and number not in people:
            continue
        words.sort(key=lambda word: -used(word, number))
        weight = max(used(word, number) for word in words) + 20 * (number in people)
        ranked.append((weight, [word.replace("_", " ") for word in words]))
    known = {word for _, words in ranked for word in words}
    ranked += [(NEWER_USED, line.split(", ")) for line in NEWER if line.split(", ")[0] not in known]
    ranked.sort(key=lambda pair: (-pair[0], len(pair[1][0]), pair[1]))
    chosen: dict[str, list[str]] = {}
    for _, words in ranked:
        chosen.setdefault(words[0], words)
        if len(chosen) == COUNT:
            break
    return list(chosen.values())


def main() -> int:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--output", type=Path, default=OUTPUT)
    args = parser.parse_args()
    lines = [", ".join(words) for words in keywords(args.wordnet)]
    args.output.write_text(HEAD + "\n".join(lines) + "\n")
    print(f"{len(lines):,} keywords in {args.output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
