# Loops by hand: a clean one, unrolled twice; one that spills; one too small; one around them.
kernel:
.Louter:
.Lclean:
	vmovups	(%rdi), %zmm1
	vfmadd231ps	(%rsi){1to16}, %zmm1, %zmm2
	vfmadd231ps	4(%rsi){1to16}, %zmm1, %zmm3
	vfmadd231ps	64(%rdi), %zmm0, %zmm2
	vbroadcastss	(%rsi), %zmm0
	vbroadcastss	(%rsi), %zmm4
	vfmadd231ps	%zmm4, %zmm1, %zmm3
	vmovups	%zmm1, (%rdx)
	jne	.Lclean
.Lspills:
	vmovaps	64(%rsp), %zmm9
	vfmadd231ps	%zmm9, %zmm1, %zmm2
	vfmadd231ps	%zmm9, %zmm1, %zmm3
	vfmadd231ps	128(%rsp), %zmm1, %zmm4
	vfmadd231ps	%zmm9, %zmm1, %zmm5
	vmovaps	%zmm2, 192(%rsp)
	jne	.Lspills
.Lsmall:
	vfmadd231ps	%zmm9, %zmm1, %zmm2
	jne	.Lsmall
	jne	.Louter
separate:
.Lsse:
	movss	(%rsi), %xmm0
	shufps	$0, %xmm0, %xmm0
	movaps	%xmm1, %xmm2
	mulps	%xmm0, %xmm2
	addps	%xmm2, %xmm3
	mulps	(%rdi), %xmm0
	addps	%xmm0, %xmm4
	mulps	%xmm5, %xmm6
	mulps	%xmm5, %xmm7
	addps	%xmm7, %xmm8
	addps	%xmm6, %xmm8
	jne	.Lsse
