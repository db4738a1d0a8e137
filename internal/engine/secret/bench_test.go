package secret

import "testing"

func BenchmarkPackedBuiltin(b *testing.B) {
	for b.Loop() {
		if _, err := PackedBuiltin(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	c, err := PackedBuiltin()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		e, err := New(c, Options{})
		if err != nil {
			b.Fatal(err)
		}
		e.set()
	}
}
