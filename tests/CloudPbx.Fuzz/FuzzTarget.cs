using System.Text;
using CloudPbx.Sdp;
using CloudPbx.TestKit.Fuzzing;

namespace CloudPbx.Fuzz;

/// <summary>A parser to be fed with a stranger's octets. It fails by an exception: none may come out of a parser.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Run">Feeds it once.</param>
/// <param name="Seeds">Good inputs to start from.</param>
internal sealed record FuzzTarget(string Name, FuzzTarget.Feed Run, params byte[][] Seeds)
{
    public delegate void Feed(ReadOnlySpan<byte> octets);

    /// <summary>All targets: add yours here.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("sip", SipTargets.Message, [.. SipSeeds.Messages]),
        new("uri", SipTargets.Uri, [.. SipSeeds.Uris]),
        new("framer", SipTargets.Framer, [.. SipSeeds.Streams]),
        new("sdp", SdpFuzz.Description, Encoding.UTF8.GetBytes(Phones.GnomeEncrypted), Encoding.UTF8.GetBytes(Phones.Rich)),
        new("crypto-attribute", CryptoLine, Encoding.UTF8.GetBytes("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1 + "|2^20|1:4 KDR=1")),
        new("digest-challenge", DigestFuzz.Challenge, Encoding.UTF8.GetBytes(DigestFuzz.TwoChallenges)),
        new("digest-credentials", DigestFuzz.Credentials, Encoding.UTF8.GetBytes(DigestFuzz.GnomeCalls)),
        new("rtp", RtpFuzz.RtpPacket, Convert.FromHexString("B1880001000000020000000300000009BEDE0001107F0000010203000003")),
        new("rtcp", RtpFuzz.Rtcp, Convert.FromHexString("81C9000700000001000000020000000000000003000000040000000500000006" + "81CA000300000001010178000000000081CB000100000001")),
    ];

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(t => t.Name == name);

    private static void CryptoLine(ReadOnlySpan<byte> octets)
    {
        if (!CryptoAttribute.TryParse(Encoding.Latin1.GetString(octets), out CryptoAttribute? crypto) || crypto.HasMki)
            return;
        if (!CryptoAttribute.TryParse(crypto.ToAttributeValue(), out CryptoAttribute? again) || !again.KeySalt.Span.SequenceEqual(crypto.KeySalt.Span))
            throw new InvalidOperationException("Written and read again it is another.");
    }
}
