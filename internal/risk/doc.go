// Package risk weighs a finding in its context: how bad the fault is where it is, and by when it should be gone.
//
// It promises to be monotone: a worse input (exposure, tier, data, confidence, a live credential, or an unknown in
// place of a known good) never gives a lower level or score. What is unknown weighs as much as the worst that is
// known. It says why in words. Whether a risk may pass is for package policy to say.
package risk
