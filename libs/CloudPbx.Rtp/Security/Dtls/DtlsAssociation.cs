using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CloudPbx.Rtp.Security.Dtls;

/// <summary>How far an association is.</summary>
public enum DtlsState
{
    /// <summary>The handshake is under way, or was not begun.</summary>
    Handshaking,

    /// <summary>Keys are there, and the peer's certificate is the described one.</summary>
    Established,

    /// <summary>The handshake failed, or the certificate is another one: there are no keys. A server may begin again (<see cref="DtlsAssociation.BeginAgain"/>).</summary>
    Failed,
}

/// <summary>
/// One DTLS 1.2 association that agrees on SRTP keys (RFC 5764). Datagrams in, datagrams out: no socket, no clock of its own but that of its
/// retransmissions.
/// </summary>
/// <remarks>Not thread-safe: one on one loop. Dispose it to free OpenSSL's side.</remarks>
public sealed unsafe class DtlsAssociation : IDisposable
{
    /// <summary>Octets of the longest datagram that we send.</summary>
    public const int MaxDatagram = 1200;

    private const int RecordHeader = 13;
    private const byte HandshakeRecord = 22, ClientHello = 1;
    private const int MaxCertificate = 16 * 1024;

    private readonly string _hashFunction, _fingerprint;
    private readonly bool _isClient;
    private readonly DtlsCertificate _certificate;
    private readonly byte[] _out = new byte[MaxDatagram], _waiting = new byte[MaxDatagram];
    private nint _ssl, _in, _written;
    private int _waitingLength;                     // of a record that did not fit into the last datagram
    private bool _isBegun;                          // as the server: a ClientHello has come

    /// <summary>Begins an association; nothing is sent before <see cref="Start"/> or the peer's first datagram.</summary>
    /// <param name="certificate">Ours.</param>
    /// <param name="isClient">Whether we speak first.</param>
    /// <param name="hashFunction">Of the peer's fingerprint: <c>sha-256</c>, <c>sha-384</c>, <c>sha-512</c>.</param>
    /// <param name="fingerprint">The peer's, upper-case hexadecimal.</param>
    public DtlsAssociation(DtlsCertificate certificate, bool isClient, string hashFunction, string fingerprint)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        (_certificate, _isClient, _hashFunction, _fingerprint) = (certificate, isClient, hashFunction, fingerprint);
        Open();
    }

    /// <summary>How far it is.</summary>
    public DtlsState State { get; private set; }

    /// <summary>The profile agreed on, once established.</summary>
    public SrtpProfile Profile { get; private set; }

    /// <summary>Whether a datagram on the media port is DTLS (RFC 7983 §7).</summary>
    /// <param name="datagram">The datagram.</param>
    public static bool IsDtls(ReadOnlySpan<byte> datagram) => datagram.Length > RecordHeader && datagram[0] is >= 20 and <= 63;

    /// <summary>Whether a datagram begins with a ClientHello in clear, or with a part of one (RFC 6347 §4.2.2).</summary>
    /// <param name="datagram">The datagram.</param>
    public static bool IsClientHello(ReadOnlySpan<byte> datagram) =>
        datagram.Length > RecordHeader && datagram[0] == HandshakeRecord && BinaryPrimitives.ReadUInt16BigEndian(datagram[3..]) == 0 && datagram[RecordHeader] == ClientHello;

    /// <summary>
    /// As the server: forgets a handshake that failed, or that goes on too long, for whoever sends the next ClientHello. Who failed before him, with whatever he sent, must not keep
    /// the peer out (SECURITY.md S16). It costs what a new association costs: the caller bounds how often.
    /// </summary>
    /// <returns>False, and nothing is done, for a client, and where there are keys already.</returns>
    public bool BeginAgain()
    {
        if (_ssl == 0 || _isClient || State == DtlsState.Established)
            return false;
        Dispose();
        Open();
        State = DtlsState.Handshaking;
        return true;
    }

    /// <summary>As the client: makes the first flight. Then take what is to be sent.</summary>
    public void Start() => Step();

    /// <summary>Takes a datagram of the peer. Then take what is to be sent, and look at <see cref="State"/>.</summary>
    /// <param name="datagram">The datagram; never throws for its content.</param>
    public void Receive(ReadOnlySpan<byte> datagram)
    {
        if (_ssl == 0 || State == DtlsState.Failed)
            return;
        if (!_isClient && !_isBegun && !(_isBegun = IsClientHello(datagram)))
            return;                                 // the end of somebody else's handshake, or noise: no reason to fail
        fixed (byte* octets = datagram)
            _ = Libssl.BIO_write(_in, octets, datagram.Length);
        if (State == DtlsState.Handshaking)
        {
            Step();
            return;
        }
        // A flight that came again is answered again; alerts and data mean nothing here.
        byte* nothing = stackalloc byte[256];
        _ = Libssl.SSL_read(_ssl, nothing, 256);
        Libssl.ERR_clear_error();
    }

    /// <summary>Repeats a flight whose answer is overdue. Call it now and then while the handshake is under way.</summary>
    public void Tick()
    {
        if (_ssl == 0 || State != DtlsState.Handshaking)
            return;
        _ = Libssl.SSL_ctrl(_ssl, Libssl.ControlHandleTimeout, 0, null);       // does nothing before its time
        Libssl.ERR_clear_error();
    }

    /// <summary>Takes the next datagram to send. Call it until there is none.</summary>
    /// <param name="datagram">It; valid until the next call.</param>
    public bool TryTake(out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        if (_ssl == 0)
            return false;
        // The memory holds records one behind the other: as many whole ones as fit go into a datagram.
        int length = 0;
        fixed (byte* waiting = _waiting)
        {
            while (true)
            {
                if (_waitingLength == 0)
                {
                    if (Libssl.BIO_ctrl(_written, Libssl.BioPending, 0, 0) < RecordHeader)
                        break;
                    _ = Libssl.BIO_read(_written, waiting, RecordHeader);
                    int body = BinaryPrimitives.ReadUInt16BigEndian(_waiting.AsSpan(11));
                    if (RecordHeader + body > MaxDatagram)
                    {
                        State = DtlsState.Failed;   // OpenSSL was told the largest size
                        return false;
                    }
                    _ = Libssl.BIO_read(_written, waiting + RecordHeader, body);
                    _waitingLength = RecordHeader + body;
                }
                if (length + _waitingLength > MaxDatagram)
                    break;                          // it goes first into the next one
                _waiting.AsSpan(0, _waitingLength).CopyTo(_out.AsSpan(length));
                length += _waitingLength;
                _waitingLength = 0;
            }
        }
        datagram = _out.AsSpan(0, length);
        return length > 0;
    }

    /// <summary>The SRTP contexts of both directions (RFC 5764 §4.2).</summary>
    /// <param name="send">For what we send.</param>
    /// <param name="receive">For what the peer sends.</param>
    /// <returns>False unless established.</returns>
    public bool TryMakeContexts(out SrtpContext? send, out SrtpContext? receive)
    {
        (send, receive) = (null, null);
        if (State != DtlsState.Established)
            return false;
        int keyLength = Profile.KeyLength(), saltLength = Profile.SaltLength();
        Span<byte> material = stackalloc byte[2 * (keyLength + saltLength)];
        fixed (byte* output = material)
        fixed (byte* label = "EXTRACTOR-dtls_srtp"u8)
        {
            if (Libssl.SSL_export_keying_material(_ssl, output, (nuint)material.Length, label, 19, null, 0, 0) != 1)
                return false;
        }
        ReadOnlySpan<byte> clientKey = material[..keyLength], serverKey = material.Slice(keyLength, keyLength);
        ReadOnlySpan<byte> clientSalt = material.Slice(2 * keyLength, saltLength), serverSalt = material[((2 * keyLength) + saltLength)..];
        var client = new SrtpContext(Profile, clientKey, clientSalt);
        var server = new SrtpContext(Profile, serverKey, serverSalt);
        (send, receive) = _isClient ? (client, server) : (server, client);
        CryptographicOperations.ZeroMemory(material);
        return true;
    }

    /// <summary>Frees OpenSSL's side; says nothing to the peer.</summary>
    public void Dispose()
    {
        if (_ssl == 0)
            return;
        Libssl.SSL_free(_ssl);
        _ssl = _in = _written = 0;
    }

    private void Open()
    {
        _ssl = Libssl.SSL_new(_certificate.Context);
        _in = Libssl.BIO_new(Libssl.BIO_s_mem());
        _written = Libssl.BIO_new(Libssl.BIO_s_mem());
        Libssl.SSL_set_bio(_ssl, _in, _written);    // they are freed with it
        _ = Libssl.SSL_ctrl(_ssl, Libssl.ControlSetMtu, MaxDatagram, null);
        if (_isClient)
            Libssl.SSL_set_connect_state(_ssl);
        else
            Libssl.SSL_set_accept_state(_ssl);
        (_isBegun, _waitingLength) = (false, 0);
    }

    private void Step()
    {
        if (_ssl == 0)
            return;
        Libssl.ERR_clear_error();
        int result = Libssl.SSL_do_handshake(_ssl);
        if (result == 1)
        {
            State = IsDescribedPeer() && TryReadProfile() ? DtlsState.Established : DtlsState.Failed;
            return;
        }
        if (Libssl.SSL_get_error(_ssl, result) is not (Libssl.ErrorWantRead or Libssl.ErrorWantWrite))
            State = DtlsState.Failed;
        Libssl.ERR_clear_error();
    }

    private bool TryReadProfile()
    {
        Libssl.SrtpProtection* selected = Libssl.SSL_get_selected_srtp_profile(_ssl);
        SrtpProfile? profile = selected is null ? null : (int)selected->Id switch        // RFC 5764 §4.1.2, RFC 7714 §14.2
        {
            1 => SrtpProfile.AesCm128HmacSha1Tag80,
            2 => SrtpProfile.AesCm128HmacSha1Tag32,
            7 => SrtpProfile.AeadAes128Gcm,
            8 => SrtpProfile.AeadAes256Gcm,
            _ => null,
        };
        Profile = profile.GetValueOrDefault();
        return profile is not null;
    }

    /// <summary>RFC 5763 §5: the certificate must be the one that the signalling described.</summary>
    private bool IsDescribedPeer()
    {
        nint certificate = Libssl.SSL_get1_peer_certificate(_ssl);
        if (certificate == 0)
            return false;
        try
        {
            int length = Libssl.i2d_X509(certificate, null);
            if (length is <= 0 or > MaxCertificate)
                return false;
            byte[] der = new byte[length];
            fixed (byte* start = der)
            {
                byte* at = start;
                _ = Libssl.i2d_X509(certificate, &at);
            }
            byte[] hash = _hashFunction switch
            {
                "sha-256" => SHA256.HashData(der),
                "sha-384" => SHA384.HashData(der),
                "sha-512" => SHA512.HashData(der),
                _ => [],
            };
            return hash.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Convert.ToHexString(hash)), Encoding.ASCII.GetBytes(_fingerprint));
        }
        finally
        {
            Libssl.X509_free(certificate);
        }
    }
}
