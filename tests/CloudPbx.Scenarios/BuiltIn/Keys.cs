using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>What takes a while at a phone, by its own measure of time: the packets that it has sent.</summary>
internal static class Keys
{
    private const int PacketsOfAKey = 15;                         // 100 ms, the event's end said three times, and a pause

    /// <summary>Presses keys, one after the other.</summary>
    public static async Task PressAsync(PhoneCall call, string keys)
    {
        foreach (char key in keys)
        {
            call.Press(key);
            await SpeakAsync(call, PacketsOfAKey);
        }
    }

    /// <summary>Waits until a phone has sent so many packets more.</summary>
    public static async Task SpeakAsync(PhoneCall call, int packets)
    {
        CancellationToken deadline = Deadlines.Media;
        using PeriodicTimer again = new(TimeSpan.FromMilliseconds(20));
        for (long until = call.Audio.Figures.Sent + packets; call.Audio.Figures.Sent < until;)
            await again.WaitForNextTickAsync(deadline);
    }
}
