"""What repeated measurements of two contestants say of their ratio."""

import math
import statistics

# The 97.5 % quantiles of Student's distribution for 1, 2, ... degrees of freedom.
STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179]
STUDENT += [2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064]
STUDENT += [2.060, 2.056, 2.052, 2.048, 2.045, 2.042]


def student(freedom):
    """The quantile; that of the normal distribution, a little widened, for many degrees."""
    return STUDENT[freedom - 1] if freedom <= len(STUDENT) else 1.96 + 2.5 / freedom


def interval_of_ratios(ours, theirs):
    """The geometric mean of the ratios ours / theirs of one round each, between the ends of
    its 95 % interval. Of one pair alone nothing is known: the interval is everything."""
    logarithms = [math.log(a / b) for a, b in zip(ours, theirs)]
    mean = statistics.fmean(logarithms)
    if len(logarithms) < 2:
        return 0.0, math.exp(mean), 1e9
    deviation = statistics.stdev(logarithms) / math.sqrt(len(logarithms))
    margin = student(len(logarithms) - 1) * deviation
    return math.exp(mean - margin), math.exp(mean), math.exp(min(mean + margin, 20))
