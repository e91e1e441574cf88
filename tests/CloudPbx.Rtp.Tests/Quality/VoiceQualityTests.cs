using CloudPbx.Rtp.Quality;

namespace CloudPbx.Rtp.Tests.Quality;

public sealed class VoiceQualityTests
{
    [Theory]                                                                    // ITU-T G.107 with defaults: R = 93.2 is 4.41
    [InlineData("PCMA", 0, 0, 4.40, 4.42)]
    [InlineData("PCMA", 0, 150, 4.30, 4.36)]
    [InlineData("PCMA", 0, 400, 3.0, 3.7)]
    [InlineData("PCMU", 2, 50, 3.9, 4.3)]
    [InlineData("PCMU", 10, 50, 2.9, 3.5)]
    [InlineData("G729", 0, 50, 4.0, 4.2)]
    [InlineData("PCMA", 100, 0, 1, 1.2)]
    [InlineData("PCMA", -3, -5, 4.40, 4.42)]
    public void Loss_and_delay_cost_what_the_E_model_says(string codec, double loss, double delay, double least, double most) =>
        Assert.InRange(VoiceQuality.Mos(codec, loss, delay), least, most);
}
