"""Which models there are: shipped, installed in a model store, or listed in a catalogue to be fetched.

Opens no connection; catalog/fetching does.
"""
