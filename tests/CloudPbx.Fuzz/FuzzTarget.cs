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

    /// <summary>What means trouble in its grammar.</summary>
    public IReadOnlyList<byte[]> Phrases { get; init; } = [];

    /// <summary>All targets: add yours here.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("sip", SipTargets.Message, [.. SipSeeds.Messages]) { Phrases = SipPhrases.All },
        new("uri", SipTargets.Uri, [.. SipSeeds.Uris]) { Phrases = SipPhrases.All },
        new("framer", SipTargets.Framer, [.. SipSeeds.Streams]) { Phrases = SipPhrases.All },
        new("sdp", SdpFuzz.Description, [.. SipSeeds.Bodies, Encoding.UTF8.GetBytes(Phones.GnomeEncrypted), Encoding.UTF8.GetBytes(Phones.Rich)]) { Phrases = SipPhrases.All },
        new("crypto-attribute", CryptoLine, Encoding.UTF8.GetBytes("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1 + "|2^20|1:4 KDR=1")),
        new("digest", DigestFuzz.Both, [.. SipSeeds.Values("Digest"), Encoding.UTF8.GetBytes(DigestFuzz.GnomeCalls), Encoding.UTF8.GetBytes(DigestFuzz.TwoChallenges)]) { Phrases = DigestFuzz.Phrases },
        new("rtp", RtpFuzz.RtpPacket, [.. RtpSeeds.Packets]),
        new("rtcp", RtpFuzz.Rtcp, [.. RtpSeeds.Compounds]),
        new("numbers", NumberFuzz.Rewrite, NumberFuzz.Seeds) { Phrases = NumberFuzz.Phrases },
        new("srtp", SrtpFuzz.Both, [.. SrtpFuzz.Seeds]),
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
