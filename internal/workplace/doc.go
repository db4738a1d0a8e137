// Package workplace owns what Assay leaves where people work: the text of hooks and how they live beside hooks that are there
// already, the first configuration, the workflow of each forge, and what of all that a repository has.
//
// Its functions are pure: bytes, names and a way to read files go in, texts and statements come out. It writes no file, starts
// no program and asks nobody; that is left to the shell (package cli). What it reads may be hostile: nothing of it is run, and
// where a text cannot be changed with certainty the answer is what a person should add, never a guess.
//
// Whatever it adds can be taken out again, byte for byte.
package workplace
