using CloudPbx.CallControl.Calls;
using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Tests.Calls;

public class FailureToneTests
{
    [Theory]
    [InlineData(486, null, Tone.Busy)]
    [InlineData(600, null, Tone.Busy)]
    [InlineData(480, null, Tone.Busy)]
    [InlineData(603, null, Tone.Busy)]
    [InlineData(404, null, Tone.SpecialInformation)]
    [InlineData(410, null, Tone.SpecialInformation)]
    [InlineData(484, null, Tone.SpecialInformation)]
    [InlineData(604, null, Tone.SpecialInformation)]
    [InlineData(500, null, Tone.Congestion)]
    [InlineData(503, null, Tone.Congestion)]
    [InlineData(504, null, Tone.Congestion)]
    [InlineData(500, 34, Tone.Congestion)]                   // no circuit available
    [InlineData(480, 42, Tone.Congestion)]                   // switching equipment congestion
    [InlineData(480, 17, Tone.Busy)]                         // user busy
    [InlineData(500, 1, Tone.SpecialInformation)]            // unallocated: a gateway's status says less
    [InlineData(480, 22, Tone.SpecialInformation)]           // number changed
    [InlineData(404, 16, Tone.SpecialInformation)]           // a cause that says nothing leaves it to the status
    [InlineData(503, 127, Tone.Congestion)]
    public void The_tone_says_why_the_call_failed(int status, int? q850, Tone expected) => Assert.Equal(expected, FailureTone.Of(status, q850));   // RFC 3398 §7.2.4.1, ITU-T E.182
}
