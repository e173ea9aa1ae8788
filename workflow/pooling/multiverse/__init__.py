"""Every choice of the analysis as a branch: which specifications there are, and what each of them answers.

Steegen et al. (2016), Increasing transparency through a multiverse analysis; Simonsohn, Simmons and Nelson
(2020), Specification curve analysis; choices typed after Del Giudice and Gangestad (2021).
"""
