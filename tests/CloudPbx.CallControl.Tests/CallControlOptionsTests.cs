using System.ComponentModel.DataAnnotations;

namespace CloudPbx.CallControl.Tests;

public sealed class CallControlOptionsTests
{
    [Theory]
    [InlineData("unix:/run/media.sock")]
    [InlineData("tcp://media-1:7600")]
    [InlineData("http://media-1:7601")]
    [InlineData("http://[::1]:7601")]
    [InlineData("https://media-1:7601")]
    public void A_media_node_is_named_by_a_socket_or_by_a_host_and_port(string node) => Assert.Empty(Faults(node));

    [Theory]
    [InlineData("tcp://media-1")]
    [InlineData("https://media-1:7601/path")]
    [InlineData("https://user@media-1:7601")]
    [InlineData("ftp://media-1:7601")]
    [InlineData("media-1:7601")]
    [InlineData("nonsense")]
    public void Any_other_is_refused_with_the_forms_that_there_are(string node)
    {
        ValidationResult fault = Assert.Single(Faults(node));
        Assert.Equal(nameof(CallControlOptions.MediaNode), Assert.Single(fault.MemberNames));
        Assert.Contains("https://HOST:PORT", fault.ErrorMessage, StringComparison.Ordinal);
    }

    private static IEnumerable<ValidationResult> Faults(string node)
    {
        var options = new CallControlOptions { MediaNode = node };
        return options.Validate(new ValidationContext(options));
    }
}
