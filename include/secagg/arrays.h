/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Input from arrays of other types, and arrays with a stride.
 *
 * The functions for float, double and integers of 64 bits are in
 * secagg/client.h and secagg/server.h.
 */
#ifndef SECAGG_ARRAYS_H
#define SECAGG_ARRAYS_H

#include <secagg/client.h>
#include <secagg/server.h>

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup client
 * @{
 */

/**
 * Supply a piece of a #SECAGG_REAL or #SECAGG_WEIGHTED segment in half
 * precision (IEEE 754 binary16). The client widens the values exactly, so
 * secagg_client_input_f32() with the same values has the same effect.
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values the bits of `count` finite values
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    see secagg_client_input_f32()
 * @retval SECAGG_ERR_STATE  see secagg_client_input_f32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_f32()
 * @retval SECAGG_ERR_VALUE  see secagg_client_input_f32()
 * @retval SECAGG_ERR_MEMORY see secagg_client_input_f32()
 * @retval SECAGG_ERR_CRYPTO see secagg_client_input_f32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_f16(secagg_client *client,
    size_t segment, uint64_t offset, const uint16_t *values, size_t count);

/**
 * Supply a piece of a #SECAGG_REAL or #SECAGG_WEIGHTED segment in bfloat16, the
 * upper 16 bits of a binary32. The client widens the values exactly, so the
 * effect is the same as of secagg_client_input_f32() with the same values.
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values the bits of `count` finite values
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    see secagg_client_input_f32()
 * @retval SECAGG_ERR_STATE  see secagg_client_input_f32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_f32()
 * @retval SECAGG_ERR_VALUE  see secagg_client_input_f32()
 * @retval SECAGG_ERR_MEMORY see secagg_client_input_f32()
 * @retval SECAGG_ERR_CRYPTO see secagg_client_input_f32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_bf16(secagg_client *client,
    size_t segment, uint64_t offset, const uint16_t *values, size_t count);

/**
 * Supply a piece of a segment of any kind as signed integers of 8 bits. The
 * function is otherwise secagg_client_input_i32().
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` integers, see secagg_client_input_i32()
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    see secagg_client_input_i32()
 * @retval SECAGG_ERR_STATE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_i32()
 * @retval SECAGG_ERR_VALUE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_MEMORY see secagg_client_input_i32()
 * @retval SECAGG_ERR_CRYPTO see secagg_client_input_i32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_i8(secagg_client *client,
    size_t segment, uint64_t offset, const int8_t *values, size_t count);

/**
 * Supply a piece of a segment of any kind as unsigned integers of 8 bits. The
 * function is otherwise secagg_client_input_u32().
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` integers, see secagg_client_input_u32()
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    see secagg_client_input_i32()
 * @retval SECAGG_ERR_STATE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_i32()
 * @retval SECAGG_ERR_VALUE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_MEMORY see secagg_client_input_i32()
 * @retval SECAGG_ERR_CRYPTO see secagg_client_input_i32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_u8(secagg_client *client,
    size_t segment, uint64_t offset, const uint8_t *values, size_t count);

/**
 * Supply a piece of a segment of any kind as signed integers of 16 bits. The
 * function is otherwise secagg_client_input_i32().
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` integers, see secagg_client_input_i32()
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    see secagg_client_input_i32()
 * @retval SECAGG_ERR_STATE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_i32()
 * @retval SECAGG_ERR_VALUE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_MEMORY see secagg_client_input_i32()
 * @retval SECAGG_ERR_CRYPTO see secagg_client_input_i32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_i16(secagg_client *client,
    size_t segment, uint64_t offset, const int16_t *values, size_t count);

/**
 * Supply a piece of a segment of any kind as unsigned integers of 16 bits. The
 * function is otherwise secagg_client_input_u32().
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` integers, see secagg_client_input_u32()
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    see secagg_client_input_i32()
 * @retval SECAGG_ERR_STATE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_i32()
 * @retval SECAGG_ERR_VALUE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_MEMORY see secagg_client_input_i32()
 * @retval SECAGG_ERR_CRYPTO see secagg_client_input_i32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_u16(secagg_client *client,
    size_t segment, uint64_t offset, const uint16_t *values, size_t count);

/**
 * Supply a piece of a segment of any kind as signed integers of 32 bits. The
 * same rules for pieces apply as in secagg_client_input_f32(). A segment of
 * reals accepts the integers as reals, exactly. The library knows no scale: a
 * host that has a quantised tensor multiplies its integers by their scale
 * itself, or uses a segment of integers.
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` integers: any for #SECAGG_REAL and
 *                   #SECAGG_WEIGHTED; for the other kinds as for
 *                   secagg_client_input_i64()
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    the segment does not exist
 * @retval SECAGG_ERR_STATE  see secagg_client_input_f32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_f32()
 * @retval SECAGG_ERR_VALUE  an integer is out of range; the client rejects the
 *                           whole piece
 * @retval SECAGG_ERR_MEMORY see secagg_client_input_f32()
 * @retval SECAGG_ERR_CRYPTO see secagg_client_input_f32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_i32(secagg_client *client,
    size_t segment, uint64_t offset, const int32_t *values, size_t count);

/**
 * Supply a piece of a segment of any kind as unsigned integers of 32 bits. The
 * function is otherwise secagg_client_input_i32().
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` integers: any for #SECAGG_REAL and
 *                   #SECAGG_WEIGHTED; for the other kinds as for
 *                   secagg_client_input_u64()
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    see secagg_client_input_i32()
 * @retval SECAGG_ERR_STATE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_i32()
 * @retval SECAGG_ERR_VALUE  see secagg_client_input_i32()
 * @retval SECAGG_ERR_MEMORY see secagg_client_input_i32()
 * @retval SECAGG_ERR_CRYPTO see secagg_client_input_i32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_u32(secagg_client *client,
    size_t segment, uint64_t offset, const uint32_t *values, size_t count);

/**
 * Supply a piece from an array of any type whose values need not lie next to
 * each other: a column of a matrix, a reversed array, a member of an array of
 * structs. The effect is the same as of the function for this type, called with
 * a packed copy. The client makes no copy: it reads at most 512 values at a
 * time.
 *
 * The other functions for input are this one with a constant type, and with
 * the size of the type as the stride. A binding for another language needs no
 * other: `values` and `stride` are the data pointer and the stride of an array
 * of one dimension in the buffer protocol of Python and in NumPy, also if the
 * stride is negative or 0. A host supplies an array of more dimensions one row
 * of its last dimension at a time; a piece costs little.
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values the address of the first value, of any alignment. Value k
 *                   is k * stride bytes after it.
 * @param type       a #secagg_type. #SECAGG_REAL and #SECAGG_WEIGHTED accept
 *                   all but #SECAGG_I64 and #SECAGG_U64, whose values need not
 *                   be doubles; the other kinds accept integers.
 * @param count      the number of entries; 0 has no effect
 * @param stride     the bytes from one value to the next; may be negative or 0
 * @retval SECAGG_ERR_ARG    the segment does not exist or does not accept the
 *                           type, or there is no such type
 * @retval SECAGG_ERR_STATE  see secagg_client_input_f32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_f32()
 * @retval SECAGG_ERR_VALUE  a value is NaN or infinite, or an integer is out of
 *                           range; the client rejects the whole piece
 * @retval SECAGG_ERR_MEMORY see secagg_client_input_f32()
 * @retval SECAGG_ERR_CRYPTO see secagg_client_input_f32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_strided(secagg_client *client,
    size_t segment, uint64_t offset, const void *values, uint32_t type,
    size_t count, ptrdiff_t stride);

/** @} */

/**
 * @addtogroup server
 * @{
 */

/**
 * Compute a range of the sum of a segment, and write the results with a stride.
 * In all else it works as the function for this type, such as
 * secagg_server_sum_f32(). `out` and `stride` are the data pointer and the
 * stride of an array of one dimension in the buffer protocol of Python and in
 * NumPy, as for secagg_client_input_strided().
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the range
 * @param[out] out   the address of the first result, of any alignment. Result
 *                   k is written k * stride bytes after it.
 * @param type       #SECAGG_F32, #SECAGG_F64, #SECAGG_I64 or #SECAGG_U64
 * @param count      the number of entries
 * @param stride     the bytes from one result to the next; may be negative. Two
 *                   results must not overlap.
 * @retval SECAGG_ERR_ARG    the segment does not exist, or contains integers
 *                           and the type is one of reals; or the type is
 *                           another one
 * @retval SECAGG_ERR_STATE  see secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   see secagg_server_sum_u64()
 * @retval SECAGG_ERR_VALUE  see the function of the type
 * @retval SECAGG_ERR_MEMORY see secagg_server_sum_u64()
 * @retval SECAGG_ERR_CRYPTO see secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_sum_strided(
    const secagg_server *server, size_t segment, uint64_t offset, void *out,
    uint32_t type, size_t count, ptrdiff_t stride);

/**
 * Compute a range of the mean of a segment of reals, and write the results with
 * a stride. In all else it works as secagg_server_mean_f32() or
 * secagg_server_mean_f64().
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the range
 * @param[out] out   see secagg_server_sum_strided()
 * @param type       #SECAGG_F32 or #SECAGG_F64
 * @param count      the number of entries
 * @param stride     see secagg_server_sum_strided()
 * @retval SECAGG_ERR_ARG    the segment does not exist or contains integers, or
 *                           the type is another one
 * @retval SECAGG_ERR_STATE  see secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   see secagg_server_sum_u64()
 * @retval SECAGG_ERR_VALUE  see secagg_server_mean_f32()
 * @retval SECAGG_ERR_MEMORY see secagg_server_sum_u64()
 * @retval SECAGG_ERR_CRYPTO see secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_mean_strided(
    const secagg_server *server, size_t segment, uint64_t offset, void *out,
    uint32_t type, size_t count, ptrdiff_t stride);

/** @} */

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
