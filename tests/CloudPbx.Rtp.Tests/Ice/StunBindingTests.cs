using System.Net;
using System.Text;
using CloudPbx.Rtp.Ice;

namespace CloudPbx.Rtp.Tests.Ice;

public sealed class StunBindingTests
{
    // RFC 5769 §2.1: a sample request; software, priority, ice-controlled, username "evtj:h6vY", integrity, fingerprint.
    private static readonly byte[] s_sample = Convert.FromHexString(
        "000100582112a442b7e7a701bc34d686fa87dfae" + "802200105354554e207465737420636c69656e74" + "002400046e0001ff" + "80290008932ff9b151263b36"
        + "000600096576746a3a68367659202020" + "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" + "80280004e57a3bcf");

    private const string Password = "VOkJxbRl1RmTxUk/WvJxBt";

    [Fact]
    public void The_sample_of_RFC_5769_is_genuine() => Assert.True(Check(s_sample, "evtj", Password, out bool nominates) && !nominates);

    [Theory]
    [InlineData("evtj", "VOkJxbRl1RmTxUk/WvJxBx")]          // another password
    [InlineData("evtk", Password)]                          // another's check
    [InlineData("evt", Password)]                           // only the beginning of the name
    public void A_check_for_somebody_else_is_none(string ufrag, string password) => Assert.False(Check(s_sample, ufrag, password, out _));

    [Fact]
    public void A_changed_octet_anywhere_is_noticed()
    {
        for (int i = 0; i < s_sample.Length - 8; i++)       // the fingerprint behind the integrity is not looked at
        {
            byte[] changed = [.. s_sample];
            changed[i] ^= 1;
            Assert.False(Check(changed, "evtj", Password, out _), $"octet {i}");
        }
    }

    [Fact]
    public void Cut_anywhere_or_filled_with_noise_nothing_throws()
    {
        for (int i = 0; i < s_sample.Length; i++)
            Assert.False(Check(s_sample[..i], "evtj", Password, out _));
        var random = new Random(4);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] noise = [.. s_sample];
            for (int k = 0; k < 4; k++)
                noise[random.Next(noise.Length)] = (byte)random.Next(256);
            Check(noise, "evtj", Password, out _);
        }
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8:1234:5678:11:2233:4455:6677")]
    public void The_answer_says_where_the_check_came_from(string address)        // RFC 5769 §2.2, §2.3: the same values, without SOFTWARE
    {
        byte[] response = new byte[StunBinding.MaxResponseLength];
        int length = StunBinding.WriteResponse(s_sample, new IPEndPoint(IPAddress.Parse(address), 32853), Encoding.ASCII.GetBytes(Password), response);
        response = response[..length];
        Assert.Equal("0101", Convert.ToHexStringLower(response[..2]));
        Assert.Equal(s_sample[4..20], response[4..20]);
        Assert.Equal(address.Contains(':', StringComparison.Ordinal)
            ? "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
            : "002000080001a147e112a643", Convert.ToHexStringLower(response.AsSpan(20, address.Contains(':', StringComparison.Ordinal) ? 24 : 12)));
        Assert.Equal(length - 20, (response[2] << 8) | response[3]);
        byte[] covered = response[..^32];
        covered[3] -= 8;                                    // the length then ended with the integrity
#pragma warning disable CA5350 // it is what the RFC says
        Assert.Equal(System.Security.Cryptography.HMACSHA1.HashData(Encoding.ASCII.GetBytes(Password), covered), response[^28..^8]);
#pragma warning restore CA5350
    }

    [Fact]
    public void Our_own_check_is_taken_and_its_nomination_seen()
    {
        byte[] request = new byte[256];
        int length = StunBinding.WriteRequest("lite:full", "secret-secret-secret-22", true, new byte[12], request);
        Assert.True(Check(request[..length], "lite", "secret-secret-secret-22", out bool nominates) && nominates);
    }

    private static bool Check(byte[] datagram, string ufrag, string password, out bool nominates) =>
        StunBinding.TryCheck(datagram, Encoding.ASCII.GetBytes(ufrag), Encoding.ASCII.GetBytes(password), out nominates);
}
