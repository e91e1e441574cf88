using System.Runtime.InteropServices;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Rtp.Tests.Security;

/// <summary>Both ways against Debian's libsrtp2, if it is there: what most phones run.</summary>
public sealed unsafe partial class LibsrtpTests
{
    private const string Library = "libsrtp2.so.1";
    private const int AnyInbound = 2, AnyOutbound = 3;
    private static readonly bool s_present = NativeLibrary.TryLoad(Library, out _) && srtp_init() == 0;
    private static readonly byte[] s_key = [.. Enumerable.Range(50, SrtpProfiles.MaxKeySaltLength).Select(i => (byte)i)];

    /// <summary>All that we have.</summary>
    public static TheoryData<SrtpProfile> Profiles => [.. Enum.GetValues<SrtpProfile>()];

    [Theory, MemberData(nameof(Profiles))]
    public void Libsrtp_takes_what_we_protect_over_the_wrap(SrtpProfile profile)
    {
        Assert.SkipUnless(s_present, "libsrtp2-1 is not installed.");
        nint session = Create(profile, AnyInbound);
        using SrtpContext ours = SrtpContext.FromKeySalt(profile, s_key.AsSpan(0, profile.KeySaltLength()));
        byte[] buffer = new byte[256];
        for (int i = 60_000; i < 75_000; i++)
        {
            byte[] packet = SrtpContextTests.Rtp((ushort)i, 77, new byte[160]);
            packet.CopyTo(buffer, 0);
            Assert.Equal(SrtpError.None, ours.ProtectRtp(buffer, packet.Length, out int length));
            fixed (byte* p = buffer)
                Assert.Equal(0, srtp_unprotect(session, p, &length));
            Assert.Equal(packet, buffer[..length]);
        }
        for (int i = 0; i < 3; i++)
        {
            var writer = new RtcpWriter(buffer);
            writer.TryWriteReceiverReport(77, []);
            writer.TryWriteCanonicalName(77, "x");
            byte[] plain = buffer[..writer.Length];
            Assert.Equal(SrtpError.None, ours.ProtectRtcp(buffer, writer.Length, out int length));
            fixed (byte* p = buffer)
                Assert.Equal(0, srtp_unprotect_rtcp(session, p, &length));
            Assert.Equal(plain, buffer[..length]);
        }
        Assert.Equal(0, srtp_dealloc(session));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void We_take_what_libsrtp_protects_over_the_wrap(SrtpProfile profile)
    {
        Assert.SkipUnless(s_present, "libsrtp2-1 is not installed.");
        nint session = Create(profile, AnyOutbound);
        using SrtpContext ours = SrtpContext.FromKeySalt(profile, s_key.AsSpan(0, profile.KeySaltLength()));
        byte[] buffer = new byte[256];
        for (int i = 60_000; i < 75_000; i++)
        {
            byte[] packet = SrtpContextTests.Rtp((ushort)i, 78, new byte[33], csrcs: i % 3);
            packet.CopyTo(buffer, 0);
            int length = packet.Length;
            fixed (byte* p = buffer)
                Assert.Equal(0, srtp_protect(session, p, &length));
            Assert.Equal(SrtpError.None, ours.UnprotectRtp(buffer.AsSpan(0, length), out int plain));
            Assert.Equal(packet, buffer[..plain]);
        }
        for (int i = 0; i < 3; i++)
        {
            var writer = new RtcpWriter(buffer);
            writer.TryWriteReceiverReport(78, []);
            byte[] compound = buffer[..writer.Length];
            int length = compound.Length;
            fixed (byte* p = buffer)
                Assert.Equal(0, srtp_protect_rtcp(session, p, &length));
            Assert.Equal(SrtpError.None, ours.UnprotectRtcp(buffer.AsSpan(0, length), out int plain));
            Assert.Equal(compound, buffer[..plain]);
        }
        Assert.Equal(0, srtp_dealloc(session));
    }

    private static nint Create(SrtpProfile profile, int direction)
    {
        // srtp_policy_t of libsrtp 2: ssrc {type, value}, two srtp_crypto_policy_t of 24 octets, key pointer, …, window size.
        byte* policy = stackalloc byte[256];
        new Span<byte>(policy, 256).Clear();
        *(int*)policy = direction;
        SetPolicy(profile, policy + 8);
        // Short tags are for RTP alone (RFC 4568 §6.2.2, RFC 6188 §4).
        SetPolicy(profile switch
        {
            SrtpProfile.AesCm128HmacSha1Tag32 => SrtpProfile.AesCm128HmacSha1Tag80,
            SrtpProfile.AesCm256HmacSha1Tag32 => SrtpProfile.AesCm256HmacSha1Tag80,
            _ => profile,
        }, policy + 32);
        *(nint*)(policy + 88) = 128;
        fixed (byte* key = s_key)
        {
            *(byte**)(policy + 56) = key;
            nint session;
            Assert.Equal(0, srtp_create(&session, policy));
            return session;
        }
    }

    private static void SetPolicy(SrtpProfile profile, byte* policy)
    {
        switch (profile)
        {
            case SrtpProfile.AesCm128HmacSha1Tag80: srtp_crypto_policy_set_rtp_default(policy); break;
            case SrtpProfile.AesCm128HmacSha1Tag32: srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(policy); break;
            case SrtpProfile.AesCm256HmacSha1Tag80: srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(policy); break;
            case SrtpProfile.AesCm256HmacSha1Tag32: srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(policy); break;
            case SrtpProfile.AeadAes128Gcm: srtp_crypto_policy_set_aes_gcm_128_16_auth(policy); break;
            case SrtpProfile.AeadAes256Gcm: srtp_crypto_policy_set_aes_gcm_256_16_auth(policy); break;
            default: throw new ArgumentOutOfRangeException(nameof(profile));
        }
    }

    [LibraryImport(Library)]
    private static partial int srtp_init();

    [LibraryImport(Library)]
    private static partial int srtp_create(nint* session, byte* policy);

    [LibraryImport(Library)]
    private static partial int srtp_dealloc(nint session);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_rtp_default(byte* policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(byte* policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(byte* policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(byte* policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_gcm_128_16_auth(byte* policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_gcm_256_16_auth(byte* policy);

    [LibraryImport(Library)]
    private static partial int srtp_protect(nint session, byte* packet, int* length);

    [LibraryImport(Library)]
    private static partial int srtp_unprotect(nint session, byte* packet, int* length);

    [LibraryImport(Library)]
    private static partial int srtp_protect_rtcp(nint session, byte* packet, int* length);

    [LibraryImport(Library)]
    private static partial int srtp_unprotect_rtcp(nint session, byte* packet, int* length);
}
