"""Limits with a known answer: the model is reduced by its parameters to what a formula describes.

A scenario names its limit (``limit: erlang_c``) and so is answered by theory beside simulation rather than by a
comparison. No engine knows of it: what runs is the whole model, at values that leave little of it.
"""
