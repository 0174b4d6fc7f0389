package main

// Φ(t) - ½ is close to t·P(t²) on ±geluClamp, P's coefficients from the lowest on: least squares at 20,000 Chebyshev
// nodes, reweighted after Lawson until the error is even. In float32 x·Φ(x) is right to 9e-5 for |x| <= 8. The plain Go
// version has the same constants; the tests hold the two to the same bits.
const geluClamp = 4.2

var geluPolynomial = []float32{0.398919076, -0.0664202571, 0.00990016945, -0.00114891573, 0.000103647835, -7.12928977e-06,
	3.57872693e-07, -1.2212606e-08, 2.50732324e-10, -2.32026876e-12}
