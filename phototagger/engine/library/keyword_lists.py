"""The labels of a run_dir as keywords, for the lists of other programs."""

from phototagger.core.keyword_lists import KeywordList, ListForm, read_list
from phototagger.core.label_tree import Keyword, is_tree, keyword_named
from phototagger.core.labels import normalise_label, read_label_lines, read_labels_text
from phototagger.engine.run_dir import has_catalogue, opened_catalogue
from phototagger.settings.model import Settings
from phototagger.store.labels.custom_labels import words
from phototagger.store.labels.names import GONE, names


def labels_as_keywords(settings: Settings) -> KeywordList:
    """Return the labels of the file, as they are spelled there, and those that were added.

    A label that was renamed is a keyword of its new name, one that was removed none. Raises
    LabelsError as ``read_labels`` does.
    """
    text = read_labels_text(settings.labels_file)
    tree = is_tree(text)
    if tree:
        written = read_list(text, ListForm.TREE)
    else:
        lines = read_label_lines(settings.labels_file)
        first = {line.label: Keyword((" ".join(line.text.split()),)) for line in reversed(lines)}
        order = dict.fromkeys(line.label for line in lines)
        written = KeywordList([first[label] for label in order], {})
    if not has_catalogue(settings.run_dir):
        return written
    with opened_catalogue(settings.run_dir) as catalogue:
        current_names, added = names(catalogue), words(catalogue)
    keywords: dict[str, Keyword] = {}
    for keyword in (*written.keywords, *(_keyword(word, tree=tree) for word in added)):
        word = normalise_label(keyword.path)
        label = word if keyword.is_category else current_names.label_of(word)
        if label == GONE:
            continue
        named = keyword if label == word else _keyword(label, tree=tree)
        synonyms = dict.fromkeys((*keyword.synonyms, *current_names.synonyms_of(label)))
        keywords.setdefault(label, named._replace(synonyms=tuple(synonyms)))
    return KeywordList([*keywords.values()], written.left_out)


def _keyword(label: str, *, tree: bool) -> Keyword:
    return keyword_named(label) if tree else Keyword((label,))
