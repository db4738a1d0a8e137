package odb

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkEach walks the blobs of the repository (a bare one, or a .git directory) named by ASSAY_BENCH_REPO.
func BenchmarkEach(b *testing.B) {
	repo := os.Getenv("ASSAY_BENCH_REPO")
	if repo == "" {
		b.Skip("ASSAY_BENCH_REPO is not set")
	}
	for _, bench := range []struct {
		name string
		want Want
		opts Options
	}{
		{"blobs", func(t Type, _ int64) bool { return t == Blob }, Options{}},
		{"all", func(Type, int64) bool { return true }, Options{}},
		{"all, verified", func(Type, int64) bool { return true }, Options{Verify: true}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var stats EachStats
			for b.Loop() {
				s, err := Open(filepath.Join(repo, "objects"), bench.opts)
				if err != nil {
					b.Fatal(err)
				}
				stats, err = s.Each(context.Background(), 2, bench.want, func(int, *Object) (any, error) { return nil, nil })
				if err != nil {
					b.Fatal(err)
				}
				s.Close()
			}
			b.SetBytes(stats.Bytes)
			b.ReportMetric(float64(stats.Objects), "objects")
			b.ReportMetric(float64(stats.Inflated)/1e6, "inflated-MB")
			b.ReportMetric(float64(stats.Inserted)/1e6, "inserted-MB")
			b.ReportMetric(float64(stats.Copied)/1e6, "copied-MB")
			b.ReportMetric(float64(stats.Reinflated), "reinflated")
			b.ReportMetric(float64(len(stats.Corrupt)+len(stats.MissingBase)+len(stats.TooLarge)), "unread")
		})
	}
}

// BenchmarkGet reads commits and trees one by one, in the order in which Each shows them.
func BenchmarkGet(b *testing.B) {
	repo := os.Getenv("ASSAY_BENCH_REPO")
	if repo == "" {
		b.Skip("ASSAY_BENCH_REPO is not set")
	}
	s, err := Open(filepath.Join(repo, "objects"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for _, kind := range []Type{Commit, Tree} {
		var ids []ID
		_, err = s.Each(context.Background(), 1, func(t Type, _ int64) bool { return t == kind }, func(_ int, o *Object) (any, error) {
			ids = append(ids, o.ID)
			return nil, nil
		})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(kind.String(), func(b *testing.B) {
			i := 0
			for b.Loop() {
				if _, _, err := s.Get(ids[i%len(ids)]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}
