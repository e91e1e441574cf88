using System.ComponentModel.DataAnnotations;
using System.Net;

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
    [InlineData(20000, 29999, "unix:/tmp/x", "::,here", nameof(MediaOptions.Bind))]
    [InlineData(20000, 29999, "unix:/tmp/x", "::,::1", nameof(MediaOptions.Bind))]
    [InlineData(20000, 29999, "unix:/tmp/x", ",", nameof(MediaOptions.Bind))]
    public void A_bad_value_is_named(int first, int last, string control, string bind, string member)
    {
        var options = new MediaOptions { FirstPort = first, LastPort = last, Control = control, Bind = bind };
        ValidationResult fault = Assert.Single(options.Validate(new ValidationContext(options)));
        Assert.Equal(member, Assert.Single(fault.MemberNames));
    }

    [Theory]
    [InlineData("tcp://media-1")]
    [InlineData("tcp://media-1:0")]
    [InlineData("https://media-1:7600/path")]
    [InlineData("ftp://media-1:7600")]
    public void What_workers_are_told_names_a_port(string advertise)
    {
        var options = new MediaOptions { Advertise = advertise };
        Assert.Equal(nameof(MediaOptions.Advertise), Assert.Single(Assert.Single(options.Validate(new ValidationContext(options))).MemberNames));
    }

    [Theory]
    [InlineData("tcp://media-1:7600")]
    [InlineData("http://media-1:7601")]
    [InlineData("https://media-1:7601")]
    public void Workers_may_be_told_to_come_by_gRPC(string advertise)
    {
        var options = new MediaOptions { Advertise = advertise };
        Assert.Empty(options.Validate(new ValidationContext(options)));
    }

    [Theory]
    [InlineData("http://127.0.0.1:7601", null, null)]
    [InlineData("http://[::1]:0", null, null)]
    [InlineData("https://0.0.0.0:443", "server.pem", null)]
    [InlineData("https://localhost:7601", "server.pem", null)]
    [InlineData("http://127.0.0.1", null, nameof(MediaOptions.Grpc))]
    [InlineData("http://media-1:7601", null, nameof(MediaOptions.Grpc))]
    [InlineData("http://127.0.0.1:7601/path", null, nameof(MediaOptions.Grpc))]
    [InlineData("tcp://127.0.0.1:7601", null, nameof(MediaOptions.Grpc))]
    [InlineData("127.0.0.1:7601", null, nameof(MediaOptions.Grpc))]
    [InlineData("nonsense", null, nameof(MediaOptions.Grpc))]
    [InlineData("http://127.0.0.1:7601", "server.pem", nameof(MediaOptions.Grpc))]                    // in clear, with a certificate: which was meant?
    [InlineData("https://127.0.0.1:7601", null, nameof(MediaOptions.GrpcCertificatePath))]
    public void Where_gRPC_listens_is_an_address_with_a_port_and_a_certificate_if_it_is_encrypted(string grpc, string? certificate, string? wrong)
    {
        var options = new MediaOptions { Grpc = grpc, GrpcCertificatePath = certificate };
        Assert.Equal(wrong, options.Validate(new ValidationContext(options)).SingleOrDefault()?.MemberNames.Single());
        if (wrong is null)
            Assert.NotNull(options.GrpcEndPoint());
    }

    [Theory]
    [InlineData("0.0.0.0, ::1", "203.0.113.7,2001:db8::7", true)]
    [InlineData("::1", "", true)]
    [InlineData("::", "203.0.113.7,203.0.113.8", false)]
    public void Addresses_are_one_of_each_family(string bind, string shown, bool good)
    {
        var options = new MediaOptions { Bind = bind, PublicAddress = shown };
        Assert.Equal(good ? [] : [nameof(MediaOptions.PublicAddress)], options.Validate(new ValidationContext(options)).SelectMany(fault => fault.MemberNames));
        Assert.Equal(bind.Split(", ").Select(IPAddress.Parse), options.BindAddresses());
    }

    [Fact]
    public void The_defaults_are_good() => Assert.Empty(new MediaOptions().Validate(new ValidationContext(new MediaOptions())));
}
