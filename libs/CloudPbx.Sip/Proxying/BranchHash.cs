using System.Buffers.Binary;
using System.Security.Cryptography;
using CloudPbx.Sip.Hashing;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>Branches of a stateless proxy (RFC 3261 §16.11): computed from the received message, so that a retransmission, its CANCEL and
/// its ACK get the same one; keyed, so that a response proves that the peer has seen our request.</summary>
public static class BranchHash
{
    /// <summary>The characters of a branch: the magic cookie, a letter for the direction, 24 hexadecimal digits.</summary>
    public const int Length = 7 + 1 + 24;

    private const int HashLength = 12;
    private const byte Inward = (byte)'i';
    private const byte Outward = (byte)'o';

    /// <summary>Writes the branch of a request that goes from an edge to a worker.</summary>
    /// <param name="key">The edges' key.</param>
    /// <param name="top">The received top Via.</param>
    /// <param name="request">The received request; its Call-ID, CSeq number and From tag count for a peer without RFC 3261 branches.</param>
    /// <param name="destination">At least <see cref="Length"/> octets.</param>
    /// <returns>The octets written.</returns>
    public static int WriteInward(EdgeKey key, in ViaView top, in SipMessageView request, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SipHash.HashLength];
        HashInward(key, top, request, hash);
        return Write(Inward, hash, destination);
    }

    /// <summary>A number that stands for a request from a peer, its retransmissions, its CANCEL and its ACK: a part of the branch that it gets inwards.</summary>
    /// <param name="key">The edges' key.</param>
    /// <param name="request">The request.</param>
    /// <returns>0 where it has no Via.</returns>
    public static ulong NumberOf(EdgeKey key, in SipMessageView request)
    {
        if (!ViaRewriter.TryFindTop(request, out _, out ViaView top, out _))
            return 0;
        Span<byte> hash = stackalloc byte[SipHash.HashLength];
        HashInward(key, top, request, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    private static void HashInward(EdgeKey key, in ViaView top, in SipMessageView request, Span<byte> hash)
    {
        ArgumentNullException.ThrowIfNull(key);
        var input = new Input(stackalloc byte[Input.Size], Inward);
        input.AddVia(top);
        if (!IsUnique(top.Branch))
        {
            // §16.11 and §17.2.3: the method of CSeq is left out, since CANCEL and ACK belong to their INVITE.
            if (request.TryFind(SipHeaderName.CallId, out SipHeaderView callId))
                input.Add(callId.Value);
            if (request.TryFind(SipHeaderName.CSeq, out SipHeaderView cseq))
                input.Add(Digits(cseq.Value));
            if (request.TryFind(SipHeaderName.From, out SipHeaderView from) && NameAddressView.Parse(from.Value, out NameAddressView address) == SipParseError.None)
                input.Add(address.Tag);
        }
        key.HashBranch(input.Octets, hash);
    }

    /// <summary>Writes the branch of a request that goes from an edge to a peer.</summary>
    /// <param name="key">The edges' key.</param>
    /// <param name="worker">The worker's Via, which stays below the edge's.</param>
    /// <param name="destination">At least <see cref="Length"/> octets.</param>
    /// <returns>The octets written.</returns>
    public static int WriteOutward(EdgeKey key, in ViaView worker, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(key);
        var input = new Input(stackalloc byte[Input.Size], Outward);
        input.AddVia(worker);
        Span<byte> hash = stackalloc byte[SipHash.HashLength];
        key.HashBranch(input.Octets, hash);
        return Write(Outward, hash, destination);
    }

    /// <summary>Whether a response's top Via is one that an edge put above this worker's Via.</summary>
    /// <param name="key">The edges' key.</param>
    /// <param name="top">The response's top Via.</param>
    /// <param name="worker">The Via below it.</param>
    public static bool IsOurs(EdgeKey key, in ViaView top, in ViaView worker)
    {
        Span<byte> branch = stackalloc byte[Length];
        _ = WriteOutward(key, worker, branch);
        return CryptographicOperations.FixedTimeEquals(branch, top.Branch);
    }

    /// <summary>Writes the To tag of an answer that an edge gives itself: the same for a retransmission (RFC 3261 §8.2.7), known again in its ACK.</summary>
    /// <param name="key">The edges' key.</param>
    /// <param name="top">The request's top Via.</param>
    /// <param name="request">The request.</param>
    /// <param name="destination">At least <see cref="Length"/> octets.</param>
    /// <returns>The octets written.</returns>
    public static int WriteTag(EdgeKey key, in ViaView top, in SipMessageView request, Span<byte> destination)
    {
        Span<byte> branch = stackalloc byte[Length];
        _ = WriteInward(key, top, request, branch);
        branch[8..].CopyTo(destination);        // a hash of its own would hide nothing more: the branch never leaves the house
        return Length - 8;
    }

    /// <summary>Whether a branch follows RFC 3261 §8.1.1.7. The bare cookie does not make anything unique (RFC 4475 §3.2.1).</summary>
    internal static bool IsUnique(ReadOnlySpan<byte> branch) =>
        branch.Length > 7 && System.Text.Ascii.EqualsIgnoreCase(branch[..7], "z9hG4bK"u8);

    private static ReadOnlySpan<byte> Digits(ReadOnlySpan<byte> cseq)
    {
        int end = cseq.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return (end < 0 ? cseq : cseq[..end]).TrimStart((byte)'0');
    }

    private static int Write(byte direction, ReadOnlySpan<byte> hash, Span<byte> destination)
    {
        "z9hG4bK"u8.CopyTo(destination);
        destination[7] = direction;
        for (int i = 0; i < HashLength; i++)
        {
            destination[8 + 2 * i] = "0123456789abcdef"u8[hash[i] >> 4];
            destination[9 + 2 * i] = "0123456789abcdef"u8[hash[i] & 15];
        }
        return Length;
    }

    /// <summary>What is hashed: parts with their lengths, so that no two lists of parts give the same octets.</summary>
    private ref struct Input(Span<byte> buffer, byte direction)
    {
        // Six parts, each of at most LongestPart octets and two of length, and the direction.
        public const int Size = 1 + 6 * (LongestPart + 2);
        private const int LongestPart = 160;
        private readonly Span<byte> _buffer = Begin(buffer, direction);
        private int _length = 1;

        public readonly ReadOnlySpan<byte> Octets => _buffer[.._length];

        public void AddVia(in ViaView via)
        {
            Add(via.Branch);
            Span<byte> host = stackalloc byte[LongestPart];
            if (System.Text.Ascii.ToLower(via.Host, host, out int written) == System.Buffers.OperationStatus.Done)
                Add(host[..written]);           // host names have no case
            else
                Add(via.Host);
            Span<byte> port = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(port, via.Port);
            Add(port);
        }

        public void Add(scoped ReadOnlySpan<byte> part)
        {
            Span<byte> digest = stackalloc byte[32];
            bool tooLong = part.Length > LongestPart;
            if (tooLong)
            {
                SHA256.HashData(part, digest);
                part = digest;
            }
            _buffer[_length++] = (byte)(tooLong ? 1 : 0);
            _buffer[_length++] = (byte)part.Length;
            part.CopyTo(_buffer[_length..]);
            _length += part.Length;
        }

        private static Span<byte> Begin(Span<byte> buffer, byte direction)
        {
            buffer[0] = direction;
            return buffer;
        }
    }
}
