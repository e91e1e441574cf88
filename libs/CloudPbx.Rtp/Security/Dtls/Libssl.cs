using System.Runtime.InteropServices;

namespace CloudPbx.Rtp.Security.Dtls;

/// <summary>The operating system's OpenSSL, found at run time: nothing breaks where it is missing.</summary>
internal static unsafe partial class Libssl
{
    public const int EcKey = 408;                                   // EVP_PKEY_EC
    public const int VerifyPeer = 1, FailIfNoPeerCertificate = 2;
    public const int ControlSetMtu = 17, ControlSetMinimumVersion = 123, ControlGetTimeout = 73, ControlHandleTimeout = 74;
    public const int Dtls12 = 0xFEFD;
    public const ulong NoQueryMtu = 1UL << 12, NoRenegotiation = 1UL << 30, NoTicket = 1UL << 14;
    public const int ErrorWantRead = 2, ErrorWantWrite = 3;
    public const int BioPending = 10;

    private const string Ssl = "libssl.so.3", Crypto = "libcrypto.so.3";

    public static bool IsPresent { get; } = NativeLibrary.TryLoad(Ssl, out _) && NativeLibrary.TryLoad(Crypto, out _);

    [LibraryImport(Ssl)]
    public static partial nint DTLS_method();

    [LibraryImport(Ssl)]
    public static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Ssl)]
    public static partial int SSL_CTX_use_certificate_ASN1(nint context, int length, byte* certificate);

    [LibraryImport(Ssl)]
    public static partial int SSL_CTX_use_PrivateKey_ASN1(int type, nint context, byte* key, nint length);

    [LibraryImport(Ssl)]
    public static partial int SSL_CTX_set_tlsext_use_srtp(nint context, byte* profiles);

    [LibraryImport(Ssl)]
    public static partial int SSL_CTX_set_cipher_list(nint context, byte* ciphers);

    [LibraryImport(Ssl)]
    public static partial void SSL_CTX_set_verify(nint context, int mode, delegate* unmanaged<int, nint, int> callback);

    [LibraryImport(Ssl)]
    public static partial nint SSL_CTX_ctrl(nint context, int command, nint number, nint pointer);

    [LibraryImport(Ssl)]
    public static partial ulong SSL_CTX_set_options(nint context, ulong options);

    [LibraryImport(Ssl)]
    public static partial nint SSL_new(nint context);

    [LibraryImport(Ssl)]
    public static partial void SSL_free(nint ssl);

    [LibraryImport(Ssl)]
    public static partial void SSL_set_bio(nint ssl, nint read, nint write);

    [LibraryImport(Ssl)]
    public static partial void SSL_set_accept_state(nint ssl);

    [LibraryImport(Ssl)]
    public static partial void SSL_set_connect_state(nint ssl);

    [LibraryImport(Ssl)]
    public static partial int SSL_do_handshake(nint ssl);

    [LibraryImport(Ssl)]
    public static partial int SSL_read(nint ssl, byte* buffer, int length);

    [LibraryImport(Ssl)]
    public static partial int SSL_shutdown(nint ssl);

    [LibraryImport(Ssl)]
    public static partial int SSL_get_error(nint ssl, int result);

    [LibraryImport(Ssl)]
    public static partial nint SSL_ctrl(nint ssl, int command, nint number, void* pointer);

    [LibraryImport(Ssl)]
    public static partial SrtpProtection* SSL_get_selected_srtp_profile(nint ssl);

    [LibraryImport(Ssl)]
    public static partial int SSL_export_keying_material(nint ssl, byte* output, nuint length, byte* label, nuint labelLength, byte* context, nuint contextLength, int useContext);

    [LibraryImport(Ssl)]
    public static partial nint SSL_get1_peer_certificate(nint ssl);

    [LibraryImport(Crypto)]
    public static partial void X509_free(nint certificate);

    [LibraryImport(Crypto)]
    public static partial int i2d_X509(nint certificate, byte** output);

    [LibraryImport(Crypto)]
    public static partial nint BIO_s_mem();

    [LibraryImport(Crypto)]
    public static partial nint BIO_new(nint method);

    [LibraryImport(Crypto)]
    public static partial int BIO_write(nint bio, byte* data, int length);

    [LibraryImport(Crypto)]
    public static partial int BIO_read(nint bio, byte* data, int length);

    [LibraryImport(Crypto)]
    public static partial nint BIO_ctrl(nint bio, int command, nint number, nint pointer);

    [LibraryImport(Crypto)]
    public static partial void ERR_clear_error();

    /// <summary><c>SRTP_PROTECTION_PROFILE</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SrtpProtection
    {
        public byte* Name;
        public nuint Id;
    }
}
