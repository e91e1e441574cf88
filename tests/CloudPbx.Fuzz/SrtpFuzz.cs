using CloudPbx.Rtp.Security;

namespace CloudPbx.Fuzz;

/// <summary>Encrypted packets as a stranger might send them: whatever comes, nothing throws, and what is refused is left as it was.</summary>
internal static unsafe class SrtpFuzz
{
    private static readonly byte[] s_key = new byte[64];
    private static readonly SrtpContext[] s_receivers = [.. Enum.GetValues<SrtpProfile>().Select(New)];

    /// <summary>A good packet and a good compound of each profile.</summary>
    public static IEnumerable<byte[]> Seeds => Enum.GetValues<SrtpProfile>().SelectMany(profile => RtpSeeds.Packets.Take(4).Select(p => Protected(profile, p, rtcp: false))
        .Concat(RtpSeeds.Compounds.Take(2).Select(p => Protected(profile, p, rtcp: true))));

    /// <summary>As RTP and as RTCP, under every profile.</summary>
    public static void Both(ReadOnlySpan<byte> datagram)
    {
        byte[] packet = datagram.ToArray();
        foreach (SrtpContext receiver in s_receivers)
        {
            if (receiver.State is not null && receiver.State->TryOpenNext(packet, out _))
                datagram.CopyTo(packet);
            if (receiver.UnprotectRtp(packet, out int length) == SrtpError.None)
            {
                if (length > packet.Length - receiver.RtpOverhead)
                    throw new InvalidOperationException("A packet grew.");
                datagram.CopyTo(packet);
            }
            if (receiver.UnprotectRtcp(packet, out length) == SrtpError.None)
                datagram.CopyTo(packet);
            if (!datagram.SequenceEqual(packet))
                throw new InvalidOperationException("A refused packet was changed.");
        }
    }

    private static SrtpContext New(SrtpProfile profile) => SrtpContext.FromKeySalt(profile, s_key.AsSpan(0, profile.KeySaltLength()));

    private static byte[] Protected(SrtpProfile profile, byte[] packet, bool rtcp)
    {
        using SrtpContext sender = New(profile);
        byte[] buffer = [.. packet, .. new byte[32]];
        _ = rtcp ? sender.ProtectRtcp(buffer, packet.Length, out int length) : sender.ProtectRtp(buffer, packet.Length, out length);
        return buffer[..length];
    }
}
