package secret

import "testing"

func BenchmarkBuiltin(b *testing.B) {
	for b.Loop() {
		if _, err := Builtin(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	c, err := Builtin()
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
