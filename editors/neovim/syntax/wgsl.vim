" WGSL with a preprocessor. Written by grammars/generate.py out of grammars/source/wgsl.vim and the server's tables of
" names: change it there. Works in Vim and in Neovim.
if exists('b:current_syntax')
  finish
endif
syntax case match

syntax keyword wgslKeyword alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop override requires return struct switch true var while
syntax keyword wgslBoolean true false
syntax keyword wgslType array atomic binding_array bool buffer f16 f32 i32 i8 input_attachment mat2x2 mat2x2f mat2x2h mat2x3 mat2x3f mat2x3h mat2x4 mat2x4f mat2x4h mat3x2 mat3x2f mat3x2h mat3x3 mat3x3f mat3x3h mat3x4 mat3x4f mat3x4h mat4x2 mat4x2f mat4x2h mat4x3 mat4x3f mat4x3h mat4x4 mat4x4f mat4x4h ptr sampler sampler_comparison subgroup_matrix_left subgroup_matrix_result subgroup_matrix_right texel_buffer texture_1d texture_2d texture_2d_array texture_3d texture_cube texture_cube_array texture_depth_2d texture_depth_2d_array texture_depth_cube texture_depth_cube_array texture_depth_multisampled_2d texture_external texture_multisampled_2d texture_multisampled_2d_array texture_storage_1d texture_storage_2d texture_storage_2d_array texture_storage_3d u32 u8 vec2 vec2f vec2h vec2i vec2u vec3 vec3f vec3h vec3i vec3u vec4 vec4f vec4h vec4i vec4u
syntax keyword wgslConstant bgra8unorm center centroid chromium.subgroup_matrix_uniformity chromium.unreachable_code col_major derivative_uniformity either error first flat function greater immediate info less linear off perspective pixel_local private r16float r16sint r16snorm r16uint r16unorm r32float r32sint r32uint r8sint r8snorm r8uint r8unorm read read_write rg11b10ufloat rg16float rg16sint rg16snorm rg16uint rg16unorm rg32float rg32sint rg32uint rg8sint rg8snorm rg8uint rg8unorm rgb10a2uint rgb10a2unorm rgba16float rgba16sint rgba16snorm rgba16uint rgba16unorm rgba32float rgba32sint rgba32uint rgba8sint rgba8snorm rgba8uint rgba8unorm row_major sample storage subgroup_uniformity uniform warning workgroup write
syntax match wgslCall /\<\h\w*\ze\s*(/
syntax keyword wgslBuiltin abs acos acosh all any arrayLength asin asinh atan atan2 atanh atomicAdd atomicAnd atomicCompareExchangeWeak atomicExchange atomicLoad atomicMax atomicMin atomicOr atomicStore atomicStoreMax atomicStoreMin atomicSub atomicXor bitcast bufferArrayView bufferLength bufferView ceil clamp cos cosh countLeadingZeros countOneBits countTrailingZeros cross degrees determinant distance dot dot4I8Packed dot4U8Packed dpdx dpdxCoarse dpdxFine dpdy dpdyCoarse dpdyFine exp exp2 extractBits faceForward firstLeadingBit firstTrailingBit floor fma fract frexp fwidth fwidthCoarse fwidthFine getResource hasResource inputAttachmentLoad insertBits inverseSqrt ldexp length log log2 max min mix modf normalize pack2x16float pack2x16snorm pack2x16unorm pack4x8snorm pack4x8unorm pack4xI8 pack4xI8Clamp pack4xU8 pack4xU8Clamp pow print quadBroadcast quadSwapDiagonal quadSwapX quadSwapY quantizeToF16 radians reflect refract reverseBits round saturate select sign sin sinh smoothstep sqrt step storageBarrier subgroupAdd subgroupAll subgroupAnd subgroupAny subgroupBallot subgroupBroadcast subgroupBroadcastFirst subgroupElect subgroupExclusiveAdd subgroupExclusiveMul subgroupInclusiveAdd subgroupInclusiveMul subgroupMatrixLoad subgroupMatrixMultiply subgroupMatrixMultiplyAccumulate subgroupMatrixScalarAdd subgroupMatrixScalarMultiply subgroupMatrixScalarSubtract subgroupMatrixStore subgroupMax subgroupMin subgroupMul subgroupOr subgroupShuffle subgroupShuffleDown subgroupShuffleUp subgroupShuffleXor subgroupXor tan tanh textureBarrier textureDimensions textureGather textureGatherCompare textureLoad textureNumLayers textureNumLevels textureNumSamples textureSample textureSampleBaseClampToEdge textureSampleBias textureSampleCompare textureSampleCompareLevel textureSampleGrad textureSampleLevel textureStore transpose trunc unpack2x16float unpack2x16snorm unpack2x16unorm unpack4x8snorm unpack4x8unorm unpack4xI8 unpack4xU8 workgroupBarrier workgroupUniformLoad

syntax match wgslNumber /\<\d\+[iu]\?\>/
syntax match wgslNumber /\<0[xX]\x\+[iu]\?\>/
syntax match wgslFloat /\<\d\+[fh]\>/
syntax match wgslFloat /\<\d\+\.\d*\%([eE][-+]\?\d\+\)\?[fh]\?/
syntax match wgslFloat /\.\d\+\%([eE][-+]\?\d\+\)\?[fh]\?/
syntax match wgslFloat /\<\d\+[eE][-+]\?\d\+[fh]\?\>/
syntax match wgslFloat /\<0[xX]\x*\.\?\x*[pP][-+]\?\d\+[fh]\?\>/
syntax match wgslAttribute /@\s*\h\w*/
syntax match wgslMacro /\<\u[A-Z0-9_]\+\>/
syntax match wgslOperator +[-+*%<>=!&|^~]\|/\%([/*]\)\@!+

syntax keyword wgslTodo contained TODO FIXME XXX NOTE
syntax match wgslComment +//.*$+ contains=wgslTodo,@Spell
syntax region wgslComment start=+/\*+ end=+\*/+ contains=wgslComment,wgslTodo,@Spell

" Directives. A value goes on in the next line after a backslash.
syntax match wgslDirective /^\s*#\s*\%(if\|ifdef\|ifndef\|elif\|else\|endif\)\>/
syntax match wgslDirective /^\s*#\s*\%(define\|undef\)\>/ nextgroup=wgslDefined skipwhite
syntax match wgslDefined /\h\w*/ contained
syntax match wgslDirective /^\s*#\s*include\>/ nextgroup=wgslIncluded skipwhite
syntax region wgslIncluded start=/"/ end=/"/ oneline contained
syntax match wgslUnknownDirective /^\s*#\s*\%(\%(if\|ifdef\|ifndef\|elif\|else\|endif\|define\|undef\|include\)\>\)\@!\h\w*/
syntax keyword wgslDefinedQuestion defined

highlight default link wgslKeyword Keyword
highlight default link wgslBoolean Boolean
highlight default link wgslType Type
highlight default link wgslConstant Constant
highlight default link wgslCall Function
highlight default link wgslBuiltin Function
highlight default link wgslNumber Number
highlight default link wgslFloat Float
highlight default link wgslAttribute PreProc
highlight default link wgslMacro Macro
highlight default link wgslOperator Operator
highlight default link wgslTodo Todo
highlight default link wgslComment Comment
highlight default link wgslDirective PreCondit
highlight default link wgslDefined Macro
highlight default link wgslIncluded String
highlight default link wgslUnknownDirective Error
highlight default link wgslDefinedQuestion PreCondit

let b:current_syntax = 'wgsl'
