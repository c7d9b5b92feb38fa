"""What was found out about a volume as one page that needs nothing else, and the facts behind it as JSON.

Content is filled by whoever knows results or nodes; here it is told in words, tables and pictures. No torch, no node.
"""

from .content import ReportContent, ReportedClasses, ReportedFind, ReportedQuestion
from .facts import SCHEMA_VERSION, report_json
from .model_reference import ModelReference
from .page import report_html
from .pictures import ReportPictures
from .reported_map import ReportedMap
from .reported_segmentation import ReportedSegmentation
from .writing import REPORT_FILES, write_report, write_report_files

__all__ = [
    "REPORT_FILES",
    "SCHEMA_VERSION",
    "ModelReference",
    "ReportContent",
    "ReportPictures",
    "ReportedClasses",
    "ReportedFind",
    "ReportedMap",
    "ReportedQuestion",
    "ReportedSegmentation",
    "report_html",
    "report_json",
    "write_report",
    "write_report_files",
]
