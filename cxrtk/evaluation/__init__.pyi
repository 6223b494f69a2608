from . import scores as scores
from .finding_report import FindingReport as FindingReport
from .findings import FindingAuc as FindingAuc
