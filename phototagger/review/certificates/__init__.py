"""What a person does about certificates: look at a sample, approve what it proves, confirm."""

from phototagger.engine.certificates.certify import Tested
from phototagger.engine.certificates.said import Refusal, proved, refused
from phototagger.engine.certificates.sample import Approvable, Promise
from phototagger.review.certificates.confirming import confirming, promised_on
from phototagger.review.certificates.looking import SampleLooks

__all__ = [
    "Approvable",
    "Promise",
    "Refusal",
    "SampleLooks",
    "Tested",
    "confirming",
    "promised_on",
    "proved",
    "refused",
]
