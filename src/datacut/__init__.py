"""One raw CRF export in; SDTM, ADaM, analysis results and TLFs out, driven by specs."""

__version__ = "0.1.0"
