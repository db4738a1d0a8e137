// Package odb reads git's object database: loose objects, packs with their indexes (version 1, version 2, multi-pack), and
// alternates, in SHA-1 and SHA-256 repositories.
//
// It owns the way from an object's ID to its bytes, and the walk over all objects (Each), which inflates every packed entry
// once, makes deltas from bases that are still in memory, and tells the visitor which parts of an object its base already
// had. It also parses commits, tags and trees.
//
// It promises to start no program, to follow no path out of the object directories it was given (symbolic links that leave
// them and alternates outside the allowed roots are reported, not followed), to bound every allocation by what the caller
// allows and by what the bytes at hand can yield, and never to drop what it cannot read: Problems lists files, EachStats
// lists objects. A Store is a snapshot: objects written, and packs made, after Open are not seen.
//
// It leaves references, the graph of commits, configuration and work trees to others.
package odb
