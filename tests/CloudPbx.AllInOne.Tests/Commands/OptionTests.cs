using System.CommandLine;
using System.Net;
using CloudPbx.AllInOne.Commands;

namespace CloudPbx.AllInOne.Tests.Commands;

public sealed class OptionTests
{
    [Theory]
    [InlineData("--sip-port", "5070")]
    [InlineData("--sip-port", "0")]
    [InlineData("--media-ports", "20000-20999")]
    [InlineData("--local-net", "192.168.1.0/24")]
    [InlineData("--public-address", "203.0.113.7")]
    public void Good_values_are_taken(string option, string value) =>
        Assert.Empty(RunCommand.Build().Parse([option, value]).Errors);

    [Theory]
    [InlineData("--sip-port", "many")]
    [InlineData("--sip-port", "")]
    [InlineData("--sip-port", "-1")]
    [InlineData("--tls-port", "65536")]
    [InlineData("--tls-port", "99999999999")]
    [InlineData("--https-port", "--no-demo")]
    [InlineData("--media-ports", "20000")]
    [InlineData("--media-ports", "20001-20999")]
    [InlineData("--local-net", "192.168.1.0/33")]
    [InlineData("--public-address", "here")]
    [InlineData("--bind", "eth0")]
    [InlineData("--log-level", "loud")]
    public void Bad_values_are_named(string option, string value) =>
        Assert.Contains(RunCommand.Build().Parse([option, value]).Errors, error => error.Message.Contains(option, StringComparison.Ordinal) || error.Message.Contains(value, StringComparison.Ordinal));

    [Theory]
    [InlineData("203.0.113.7 2001:db8::7", true)]
    [InlineData("203.0.113.7 203.0.113.8", false)]
    public void A_machine_has_one_public_address_of_each_family(string addresses, bool isTaken) =>
        Assert.Equal(isTaken, RunCommand.Build().Parse(addresses.Split(' ').SelectMany(address => new[] { "--public-address", address }).ToArray()).Errors.Count == 0);

    [Theory]
    [InlineData("", null)]                                            // all of both families, by default
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("127.0.0.1 ::1", "127.0.0.1,::1")]
    [InlineData("127.0.0.1 192.0.2.5", "0.0.0.0")]
    [InlineData("192.0.2.5 2001:db8::1 2001:db8::2", "192.0.2.5,::")]
    public void Media_listens_in_the_families_that_all_else_listens_in(string bind, string? media) =>
        Assert.Equal(media, new RunOptions { Bind = [.. bind.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)] }.MediaBind());

    [Theory]
    [InlineData("2", true)]
    [InlineData("0", false)]
    [InlineData("5", false)]
    [InlineData("all", false)]
    public void A_cluster_has_up_to_four_edges(string count, bool isTaken) =>
        Assert.Equal(isTaken, !ClusterCommand.Build().Parse(["--edges", count]).Errors.Any(error => error.Message.Contains("--edges", StringComparison.Ordinal)));

    [Theory]
    [InlineData("0")]
    [InlineData("201")]
    [InlineData("all")]
    public void The_number_of_calls_has_limits(string count) =>
        Assert.Contains(CallsCommand.Build().Parse(["--count", count]).Errors, error => error.Message.Contains("--count", StringComparison.Ordinal));
}
