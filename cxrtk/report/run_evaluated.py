"""Report of a run, combined with the evaluation report of its test images."""

from __future__ import annotations

from dataclasses import replace

from cxrtk.report.document import Document, Section

TEST = "test"
TEXT = (
    "The test images by the weights that were kept, with the masks that cxrtk segment makes of them: at "
    "original size, one region a lung, without holes."
)
# Facts of the evaluation's record that the record of the run lacks.
SAID = ("Method", "Ground truth")


def with_evaluation(run: Document, evaluation: Document) -> Document:
    """Combine both documents: training, data and test, then the evaluation with its images.

    Args:
        run: Document of a run; its own results per test image are replaced by the evaluation.
        evaluation: Document of the evaluation of the run's test images.
    """
    first, *others = evaluation.sections
    meant = {fact.term for fact in run.meanings}
    return replace(
        run,
        notices=list(dict.fromkeys([*run.notices, *evaluation.notices])),
        counts=[
            *(each for each in run.counts if not each.label.endswith(f", {TEST}")),
            *(replace(each, label=f"{each.label}, {TEST}") for each in evaluation.counts),
        ],
        made={
            **run.made,
            "Evaluation": [fact for heading in SAID for fact in evaluation.made.get(heading, ())],
        },
        sections=[
            *map(_summed_up, run.sections),
            replace(first, heading="Evaluation of the test images", text=[TEXT, *first.text]),
            *others,
        ],
        cards=evaluation.cards,
        flags=evaluation.flags,
        sorts=evaluation.sorts,
        styles=evaluation.styles,
        meanings=[*run.meanings, *(fact for fact in evaluation.meanings if fact.term not in meant)],
    )


def _summed_up(section: Section) -> Section:
    """Return the run's test section without its figure and image table, which the evaluation provides."""
    if section.id != TEST:
        return section
    return replace(section, figures=(), tables=section.tables[:1])
