//go:build !purego

#include "textflag.h"

// LOOKUP leaves in Z6 which buckets of one group have all three bytes.
#define LOOKUP(a0, b0, a1, b1, a2, b2) \
	VMOVDQA64 Z0, Z4; \
	VMOVDQA64 Z1, Z5; \
	VMOVDQA64 Z2, Z6; \
	VPERMI2B  b0, a0, Z4; \
	VPERMI2B  b1, a1, Z5; \
	VPERMI2B  b2, a2, Z6; \
	VPTERNLOGQ $0x80, Z4, Z5, Z6

// func vectorFilter(tables *vectorTables, text *byte, blocks int, masks *[vectorBatch]uint64)
TEXT ·vectorFilter(SB), NOSPLIT, $0-32
	MOVQ tables+0(FP), AX
	MOVQ text+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ masks+24(FP), DI

	VMOVDQU64 0(AX), Z8
	VMOVDQU64 64(AX), Z9
	VMOVDQU64 128(AX), Z10
	VMOVDQU64 192(AX), Z11
	VMOVDQU64 256(AX), Z12
	VMOVDQU64 320(AX), Z13
	VMOVDQU64 384(AX), Z14
	VMOVDQU64 448(AX), Z15
	VMOVDQU64 512(AX), Z16
	VMOVDQU64 576(AX), Z17
	VMOVDQU64 640(AX), Z18
	VMOVDQU64 704(AX), Z19
	VMOVDQU64 768(AX), Z20
	VMOVDQU64 832(AX), Z21
	VMOVDQU64 896(AX), Z22
	VMOVDQU64 960(AX), Z23
	VMOVDQU64 1024(AX), Z24
	VMOVDQU64 1088(AX), Z25
	VMOVDQU64 1152(AX), Z26
	VMOVDQU64 1216(AX), Z27
	VMOVDQU64 1280(AX), Z28
	VMOVDQU64 1344(AX), Z29
	VMOVDQU64 1408(AX), Z30
	VMOVDQU64 1472(AX), Z31

	TESTQ CX, CX
	JLE   done

loop:
	VMOVDQU64 (SI), Z0
	VMOVDQU64 1(SI), Z1
	VMOVDQU64 2(SI), Z2

	LOOKUP(Z8, Z9, Z10, Z11, Z12, Z13)
	VMOVDQA64 Z6, Z7
	LOOKUP(Z14, Z15, Z16, Z17, Z18, Z19)
	VPORQ     Z6, Z7, Z7
	LOOKUP(Z20, Z21, Z22, Z23, Z24, Z25)
	VMOVDQA64 Z6, Z3
	LOOKUP(Z26, Z27, Z28, Z29, Z30, Z31)
	VPTERNLOGQ $0xfe, Z6, Z3, Z7

	VPTESTMB Z7, Z7, K1
	KMOVQ    K1, R8
	MOVQ     R8, (DI)

	ADDQ $64, SI
	ADDQ $8, DI
	DECQ CX
	JNZ  loop

done:
	VZEROUPPER
	RET

DATA lowHalf<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA lowHalf<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA lowHalf<>+16(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA lowHalf<>+24(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL lowHalf<>(SB), RODATA|NOPTR, $32

// HALVES splits the 32 bytes at text+off into low and high halves. Y15 is the mask.
#define HALVES(off, low, high) \
	VMOVDQU off(SI), low; \
	VPSRLW  $4, low, high; \
	VPAND   Y15, low, low; \
	VPAND   Y15, high, high

// PLACE looks up one of the three bytes: tables at off, buckets that have it in out. Y13 and Y14 are scratch.
#define PLACE(off, low, high, out) \
	VMOVDQU off(AX), Y13; \
	VMOVDQU off+32(AX), Y14; \
	VPSHUFB low, Y13, Y13; \
	VPSHUFB high, Y14, Y14; \
	VPAND   Y13, Y14, out

// HALFBLOCK leaves in the register out a bit for each of the 32 windows at text+off that is no candidate.
#define HALFBLOCK(off, out) \
	HALVES(off+0, Y0, Y1); \
	HALVES(off+1, Y2, Y3); \
	HALVES(off+2, Y4, Y5); \
	PLACE(0, Y0, Y1, Y6); \
	PLACE(64, Y2, Y3, Y7); \
	PLACE(128, Y4, Y5, Y8); \
	PLACE(192, Y0, Y1, Y9); \
	PLACE(256, Y2, Y3, Y10); \
	PLACE(320, Y4, Y5, Y11); \
	VPAND     Y6, Y7, Y7; \
	VPAND     Y7, Y8, Y8; \
	VPAND     Y9, Y10, Y10; \
	VPAND     Y10, Y11, Y11; \
	VPOR      Y8, Y11, Y11; \
	VPCMPEQB  Y12, Y11, Y11; \
	VPMOVMSKB Y11, out

// func nibbleFilter(tables *nibbleTables, text *byte, blocks int, masks *[vectorBatch]uint64)
TEXT ·nibbleFilter(SB), NOSPLIT, $0-32
	MOVQ    tables+0(FP), AX
	MOVQ    text+8(FP), SI
	MOVQ    blocks+16(FP), CX
	MOVQ    masks+24(FP), DI
	VMOVDQU lowHalf<>(SB), Y15
	VPXOR   Y12, Y12, Y12
	TESTQ   CX, CX
	JLE     done

loop:
	HALFBLOCK(0, R8)
	HALFBLOCK(32, R9)
	SHLQ $32, R9
	ORQ  R9, R8
	NOTQ R8
	MOVQ R8, (DI)

	ADDQ $64, SI
	ADDQ $8, DI
	DECQ CX
	JNZ  loop

done:
	VZEROUPPER
	RET
