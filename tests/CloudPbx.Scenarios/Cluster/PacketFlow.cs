using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>Counts RTP between two phones from a moment on: what one sends, the other gets.</summary>
internal sealed class PacketFlow
{
    private const int OnTheWay = 10;        // between the reading of one counter and the other, on a busy machine

    private readonly PhoneCall _a, _b;
    private readonly AudioFigures _beganA, _beganB;

    private PacketFlow(PhoneCall a, PhoneCall b) => (_a, _b, _beganA, _beganB) = (a, b, a.Audio.Figures, b.Audio.Figures);

    public static PacketFlow Between(PhoneCall a, PhoneCall b) => new(a, b);

    /// <summary>Both have sent, and nothing of it was lost.</summary>
    public void AssertUnbroken()
    {
        AudioFigures a = _a.Audio.Figures, b = _b.Audio.Figures;
        AssertArrived(a.Sent - _beganA.Sent, b.Received - _beganB.Received);
        AssertArrived(b.Sent - _beganB.Sent, a.Received - _beganA.Received);
    }

    private static void AssertArrived(long sent, long received)
    {
        Assert.True(sent > OnTheWay, $"only {sent} packets were sent");
        Assert.True(received >= sent - OnTheWay, $"{sent} packets were sent, {received} came");
    }
}
