from . import scores as scores
from .finding_report import FindingReport as FindingReport
from .findings import FindingAuc as FindingAuc
from .order import metrics_of as metrics_of
