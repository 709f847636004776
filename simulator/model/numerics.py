"""Scalar building blocks: logarithm and exponential, variates by inverse CDF, durations rounded to microseconds.

``log`` and ``exp`` are made of additions, multiplications and divisions in a stated order, none of them joined, as each
of these has one right result (IEEE 754). So every engine, processor and library gives the same bits, and a loop over
arrays can be turned into vector instructions, which a call of a library cannot.
"""

import math

import numpy as np

from simulator.model.compiling import compiled

MILLISECOND_US = 1000
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
#: Later than any run can last: "never".
NEVER = 1 << 62

LN_2 = 0.6931471805599453
#: ln 2 in two parts; the first has zeros at its end, so that its product with an exponent is exact.
_LN_2_HIGH, _LN_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_MANTISSA_BITS, _BIAS = 52, 1023
#: The bits of 1 / sqrt(2).
_ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
#: Least and greatest number whose exponential is given as it is: below it is 0, above it infinite.
LEAST_EXPONENT, GREATEST_EXPONENT = -708.0, 709.0


@compiled
def log(x):
    """Natural logarithm of a positive, normal number; error below one unit in the last place.

    x is 2^k z with z between sqrt(1/2) and sqrt(2); ln z is a rational approximation (FreeBSD msun, e_log.c).
    """
    bits = int(np.float64(x).view(np.int64))
    k = (bits - _ROOT_HALF_BITS) >> _MANTISSA_BITS
    f = float(np.int64(bits - (k << _MANTISSA_BITS)).view(np.float64)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half_square = 0.5 * f * f
    return s * (half_square + (odd + even)) + k * _LN_2_LOW - half_square + f + k * _LN_2_HIGH


@compiled
def exp(x):
    """Exponential; error below one unit in the last place, 0 below ``LEAST_EXPONENT``.

    x is k ln 2 + r; e^r is a rational approximation of Remez type (FreeBSD msun, e_exp.c).
    """
    given = x
    x = LEAST_EXPONENT if x < LEAST_EXPONENT else x  # chosen, not branched to: so it can be done for many at a time
    x = GREATEST_EXPONENT if x > GREATEST_EXPONENT else x
    k = int(math.floor(x / LN_2 + 0.5))
    high = x - k * _LN_2_HIGH
    low = k * _LN_2_LOW
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))
        )
    )
    power = float(np.int64((k + _BIAS) << _MANTISSA_BITS).view(np.float64))
    found = (1.0 + (r * c / (2.0 - c) - low + high)) * power
    found = 0.0 if given < LEAST_EXPONENT else found
    return math.inf if given > GREATEST_EXPONENT else found


@compiled
def raised(x, power):
    """x to a power, for x of 0 or more; 0 to the power 0 is 1."""
    if power == 0.0:
        return 1.0
    return exp(power * log(x)) if x > 0.0 else 0.0


@compiled
def exponential(u, mean):
    """Exponential variate with the given mean at uniform ``u``."""
    return -mean * log(u)


@compiled
def left_of(elapsed, half_life):
    """Share that is left of what halves in each half-life; both in the same unit."""
    return exp(-LN_2 * elapsed / half_life)


@compiled
def logistic(x):
    """1 / (1 + exp(-x)), without overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    e = exp(x)
    return e / (1.0 + e)


@compiled
def normal(u):
    """Standard normal variate at uniform ``u``: Wichura (1988), algorithm AS 241 (PPND16), relative error 1e-16."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (
            (
                (
                    (
                        ((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                        + 45921.953931549871457
                    )
                    * r
                    + 13731.693765509461125
                )
                * r
                + 1971.5909503065514427
            )
            * r
            + 133.14166789178437745
        ) * r + 3.387132872796366608
        bottom = (
            (
                (
                    (
                        ((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                        + 21213.794301586595867
                    )
                    * r
                    + 5394.1960214247511077
                )
                * r
                + 687.1870074920579083
            )
            * r
            + 42.313330701600911252
        ) * r + 1.0
        return q * top / bottom
    r = math.sqrt(-log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        top = (
            (
                (
                    (
                        ((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                        + 1.27045825245236838258
                    )
                    * r
                    + 3.64784832476320460504
                )
                * r
                + 5.7694972214606914055
            )
            * r
            + 4.6303378461565452959
        ) * r + 1.42343711074968357734
        bottom = (
            (
                (
                    (
                        ((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                        + 0.14810397642748007459
                    )
                    * r
                    + 0.68976733498510000455
                )
                * r
                + 1.6763848301838038494
            )
            * r
            + 2.05319162663775882187
        ) * r + 1.0
    else:
        r -= 5.0
        top = (
            (
                (
                    (
                        ((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                        + 0.026532189526576123093
                    )
                    * r
                    + 0.29656057182850489123
                )
                * r
                + 1.7848265399172913358
            )
            * r
            + 5.4637849111641143699
        ) * r + 6.6579046435011037772
        bottom = (
            (
                (
                    (
                        ((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
                        + 7.868691311456132591e-4
                    )
                    * r
                    + 0.0148753612908506148525
                )
                * r
                + 0.13692988092273580531
            )
            * r
            + 0.59983220655588793769
        ) * r + 1.0
    return -top / bottom if q < 0.0 else top / bottom


@compiled
def microseconds(days):
    """A duration in days, rounded once to whole microseconds; a century at most."""
    return int(math.floor(min(days, 36_500.0) * 86_400_000_000.0 + 0.5))


@compiled
def microseconds_of_minutes(minutes):
    """A duration in minutes, rounded once to whole microseconds; a century at most."""
    return int(math.floor(min(minutes, 52_560_000.0) * 60_000_000.0 + 0.5))
