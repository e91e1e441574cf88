using System.ComponentModel.DataAnnotations;

namespace CloudPbx.Media.Tests;

public class MediaOptionsTests
{
    [Theory]
    [InlineData(20001, 29999, "tcp://127.0.0.1:1", "0.0.0.0", nameof(MediaOptions.FirstPort))]
    [InlineData(20000, 29998, "tcp://127.0.0.1:1", "0.0.0.0", nameof(MediaOptions.LastPort))]
    [InlineData(20000, 19999, "tcp://127.0.0.1:1", "0.0.0.0", nameof(MediaOptions.LastPort))]
    [InlineData(20000, 29999, "https://127.0.0.1:1", "0.0.0.0", nameof(MediaOptions.Control))]
    [InlineData(20000, 29999, "tcp://127.0.0.1", "0.0.0.0", nameof(MediaOptions.Control))]
    [InlineData(20000, 29999, "nonsense", "0.0.0.0", nameof(MediaOptions.Control))]
    [InlineData(20000, 29999, "unix:/tmp/x", "here", nameof(MediaOptions.Bind))]
    public void A_bad_value_is_named(int first, int last, string control, string bind, string member)
    {
        var options = new MediaOptions { FirstPort = first, LastPort = last, Control = control, Bind = bind };
        ValidationResult fault = Assert.Single(options.Validate(new ValidationContext(options)));
        Assert.Equal(member, Assert.Single(fault.MemberNames));
    }

    [Theory]
    [InlineData("tcp://media-1")]
    [InlineData("tcp://media-1:0")]
    [InlineData("http://media-1:7600")]
    public void What_workers_are_told_names_a_port(string advertise)
    {
        var options = new MediaOptions { Advertise = advertise };
        Assert.Equal(nameof(MediaOptions.Advertise), Assert.Single(Assert.Single(options.Validate(new ValidationContext(options))).MemberNames));
    }

    [Fact]
    public void The_defaults_are_good() => Assert.Empty(new MediaOptions().Validate(new ValidationContext(new MediaOptions())));
}
