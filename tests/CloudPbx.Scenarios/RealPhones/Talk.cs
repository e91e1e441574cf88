using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>What is judged in every call: both hear the other's tone, clearly.</summary>
internal static class Talk
{
    private const double TolerableHertz = 5;
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    internal static async Task HearsAsync(IRealCall call, double hertz, CancellationToken cancel)
    {
        Heard heard = await call.HearAsync(s_second, cancel);
        Assert.InRange(heard.Hertz, hertz - TolerableHertz, hertz + TolerableHertz);
        Assert.True(heard.Purity > 0.9, $"the tone of {hertz} Hz is not clean: {heard}");
    }

    internal static async Task HearEachOtherAsync(IRealCall a, double fromA, IRealCall b, double fromB, CancellationToken cancel) =>
        await Task.WhenAll(HearsAsync(a, fromB, cancel), HearsAsync(b, fromA, cancel));
}
