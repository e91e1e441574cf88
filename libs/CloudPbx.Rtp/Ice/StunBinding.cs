using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace CloudPbx.Rtp.Ice;

/// <summary>STUN binding requests as ICE uses them (RFC 8489, RFC 8445 §7), seen from an agent that only answers (ICE-lite).</summary>
public static class StunBinding
{
    /// <summary>Octets of the longest answer.</summary>
    public const int MaxResponseLength = HeaderLength + 4 + 20 + 4 + 20 + 8;

    private const int HeaderLength = 20;
    private const uint MagicCookie = 0x2112A442;
    private const uint FingerprintXor = 0x5354554E;
    private const ushort BindingRequest = 0x0001, BindingSuccess = 0x0101;
    private const ushort Username = 0x0006, MessageIntegrity = 0x0008, XorMappedAddress = 0x0020, UseCandidate = 0x0025, Fingerprint = 0x8028;
    private const int IntegrityLength = 20;

    /// <summary>Whether a datagram on the media port is STUN (RFC 7983 §7), by its first octets.</summary>
    /// <param name="datagram">The datagram.</param>
    public static bool IsStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderLength && datagram[0] <= 3 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie;

    /// <summary>Checks a connectivity check against our own credentials (RFC 8445 §7.3). Nothing that fails teaches anything.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="ufrag">Our user name fragment, ASCII.</param>
    /// <param name="password">Our password, ASCII.</param>
    /// <param name="nominates">Whether the peer chooses this pair.</param>
    /// <returns>Whether it is a genuine binding request to us. Never throws.</returns>
    public static bool TryCheck(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> ufrag, ReadOnlySpan<byte> password, out bool nominates)
    {
        nominates = false;
        if (!IsStun(datagram) || BinaryPrimitives.ReadUInt16BigEndian(datagram) != BindingRequest || BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != datagram.Length - HeaderLength)
            return false;
        bool named = false, chooses = false;
        for (int at = HeaderLength; at + 4 <= datagram.Length;)
        {
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]);
            if (at + 4 + length > datagram.Length)
                return false;
            ReadOnlySpan<byte> value = datagram.Slice(at + 4, length);
            switch (type)
            {
                case Username:
                    named = value.Length > ufrag.Length && value[ufrag.Length] == (byte)':' && value.StartsWith(ufrag);
                    break;
                case UseCandidate:
                    chooses = true;
                    break;
                case MessageIntegrity:
                    // What follows but the fingerprint is not covered, so it does not count (RFC 8489 §14.5).
                    if (!named || length != IntegrityLength || !IsGenuine(datagram[..at], value, password))
                        return false;
                    nominates = chooses;
                    return true;
            }
            at += 4 + ((length + 3) & ~3);
        }
        return false;
    }

    /// <summary>Writes the answer to a checked request: where it came from, under our password.</summary>
    /// <param name="request">The request.</param>
    /// <param name="from">Its source.</param>
    /// <param name="password">Our password, ASCII.</param>
    /// <param name="response">At least <see cref="MaxResponseLength"/> octets.</param>
    /// <returns>Octets written.</returns>
    public static int WriteResponse(ReadOnlySpan<byte> request, IPEndPoint from, ReadOnlySpan<byte> password, Span<byte> response)
    {
        ArgumentNullException.ThrowIfNull(from);
        Span<byte> address = stackalloc byte[16];
        from.Address.TryWriteBytes(address, out int addressLength);
        BinaryPrimitives.WriteUInt16BigEndian(response, BindingSuccess);
        request[4..HeaderLength].CopyTo(response[4..]);             // cookie and transaction
        int at = HeaderLength;
        BinaryPrimitives.WriteUInt16BigEndian(response[at..], XorMappedAddress);
        BinaryPrimitives.WriteUInt16BigEndian(response[(at + 2)..], (ushort)(4 + addressLength));
        response[at + 4] = 0;
        response[at + 5] = (byte)(addressLength == 4 ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(response[(at + 6)..], (ushort)(from.Port ^ (int)(MagicCookie >> 16)));
        for (int i = 0; i < addressLength; i++)
            response[at + 8 + i] = (byte)(address[i] ^ request[4 + i]);
        at += 8 + addressLength;

        WriteLength(response, at + 4 + IntegrityLength);
        Span<byte> integrity = stackalloc byte[IntegrityLength];
        Integrity(password, response[..at], integrity);
        BinaryPrimitives.WriteUInt16BigEndian(response[at..], MessageIntegrity);
        BinaryPrimitives.WriteUInt16BigEndian(response[(at + 2)..], IntegrityLength);
        integrity.CopyTo(response[(at + 4)..]);
        at += 4 + IntegrityLength;

        WriteLength(response, at + 8);
        uint crc = Crc32(response[..at]) ^ FingerprintXor;
        BinaryPrimitives.WriteUInt16BigEndian(response[at..], Fingerprint);
        BinaryPrimitives.WriteUInt16BigEndian(response[(at + 2)..], 4);
        BinaryPrimitives.WriteUInt32BigEndian(response[(at + 4)..], crc);
        return at + 8;
    }

    /// <summary>Writes a connectivity check, as the peer of an ICE-lite agent sends it.</summary>
    /// <param name="ufrags">Both fragments: <c>theirs:ours</c>.</param>
    /// <param name="password">The password of the one who is asked.</param>
    /// <param name="nominates">Whether this pair is chosen.</param>
    /// <param name="transaction">12 octets.</param>
    /// <param name="request">Room for 256 octets.</param>
    /// <returns>Octets written.</returns>
    public static int WriteRequest(string ufrags, string password, bool nominates, ReadOnlySpan<byte> transaction, Span<byte> request)
    {
        byte[] name = Encoding.ASCII.GetBytes(ufrags), key = Encoding.ASCII.GetBytes(password);
        BinaryPrimitives.WriteUInt16BigEndian(request, BindingRequest);
        BinaryPrimitives.WriteUInt32BigEndian(request[4..], MagicCookie);
        transaction[..12].CopyTo(request[8..]);
        int at = HeaderLength;
        BinaryPrimitives.WriteUInt16BigEndian(request[at..], Username);
        BinaryPrimitives.WriteUInt16BigEndian(request[(at + 2)..], (ushort)name.Length);
        request.Slice(at + 4, (name.Length + 3) & ~3).Clear();
        name.CopyTo(request[(at + 4)..]);
        at += 4 + ((name.Length + 3) & ~3);
        if (nominates)
        {
            BinaryPrimitives.WriteUInt32BigEndian(request[at..], (uint)UseCandidate << 16);
            at += 4;
        }
        WriteLength(request, at + 4 + IntegrityLength);
        Integrity(key, request[..at], request.Slice(at + 4, IntegrityLength));
        BinaryPrimitives.WriteUInt16BigEndian(request[at..], MessageIntegrity);
        BinaryPrimitives.WriteUInt16BigEndian(request[(at + 2)..], IntegrityLength);
        return at + 4 + IntegrityLength;
    }

    /// <summary>The integrity covers the message up to itself, the length counting to its own end (RFC 8489 §14.5).</summary>
    private static bool IsGenuine(ReadOnlySpan<byte> covered, ReadOnlySpan<byte> integrity, ReadOnlySpan<byte> password)
    {
        Span<byte> message = stackalloc byte[covered.Length <= 1024 ? covered.Length : 0], computed = stackalloc byte[IntegrityLength];
        if (covered.Length > 1024)
            return false;
        covered.CopyTo(message);
        WriteLength(message, covered.Length + 4 + IntegrityLength);
        Integrity(password, message, computed);
        return CryptographicOperations.FixedTimeEquals(computed, integrity);
    }

#pragma warning disable CA5350 // RFC 8489 §14.5: MESSAGE-INTEGRITY is HMAC-SHA1, and ICE has no other
    private static void Integrity(ReadOnlySpan<byte> password, ReadOnlySpan<byte> message, Span<byte> result) => HMACSHA1.HashData(password, message, result);
#pragma warning restore CA5350

    private static void WriteLength(Span<byte> message, int total) => BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)(total - HeaderLength));

    private static uint Crc32(ReadOnlySpan<byte> octets)
    {
        uint crc = uint.MaxValue;
        foreach (byte octet in octets)
        {
            crc ^= octet;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
