"""The signs have words, and each structure has signs."""

from cxrtk.inference.quality.words import EMPTY, SIGNS_OF, WORDS


def test_every_sign_of_a_structure_has_words():
    """And a structure that is not found has a sign that is computed."""
    for structure, names in SIGNS_OF.items():
        assert set(names) <= set(WORDS) and len(set(names)) == len(names)
        assert EMPTY[structure][0] in WORDS


def test_reasons_are_sentences_with_the_value():
    """Each sign has a reason on one side at least, in which the value stands once."""
    for low, high in WORDS.values():
        reasons = [text for text in (low, high) if text]
        assert reasons
        assert all(text.count("{") == 1 and text.format(0.5) != text for text in reasons)
