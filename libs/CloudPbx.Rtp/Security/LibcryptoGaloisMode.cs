using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CloudPbx.Rtp.Security;

/// <summary>GCM by libcrypto, with a context that keeps its key: a packet costs a new nonce and its own blocks.</summary>
internal sealed unsafe class LibcryptoGaloisMode : AesGaloisMode
{
    private const int GetTag = 0x10, SetTag = 0x11;         // EVP_CTRL_AEAD_GET_TAG, EVP_CTRL_AEAD_SET_TAG
    private const int Decrypting = 0, Encrypting = 1;

    private static readonly delegate* unmanaged<nint> s_new;
    private static readonly delegate* unmanaged<nint, void> s_free;
    private static readonly delegate* unmanaged<nint> s_aes128, s_aes256;
    private static readonly delegate* unmanaged<nint, nint, nint, byte*, byte*, int, int> s_init;
    private static readonly delegate* unmanaged<nint, byte*, int*, byte*, int, int> s_update;
    private static readonly delegate* unmanaged<nint, byte*, int*, int> s_final;
    private static readonly delegate* unmanaged<nint, int, int, byte*, int> s_control;

    private nint _context;

    static LibcryptoGaloisMode()
    {
        if (!Libcrypto.TryGet("EVP_CIPHER_CTX_new", out nint create) || !Libcrypto.TryGet("EVP_CIPHER_CTX_free", out nint free)
            || !Libcrypto.TryGet("EVP_aes_128_gcm", out nint aes128) || !Libcrypto.TryGet("EVP_aes_256_gcm", out nint aes256)
            || !Libcrypto.TryGet("EVP_CipherInit_ex", out nint init) || !Libcrypto.TryGet("EVP_CipherUpdate", out nint update)
            || !Libcrypto.TryGet("EVP_CipherFinal_ex", out nint final) || !Libcrypto.TryGet("EVP_CIPHER_CTX_ctrl", out nint control))
            return;
        s_new = (delegate* unmanaged<nint>)create;
        s_free = (delegate* unmanaged<nint, void>)free;
        s_aes128 = (delegate* unmanaged<nint>)aes128;
        s_aes256 = (delegate* unmanaged<nint>)aes256;
        s_init = (delegate* unmanaged<nint, nint, nint, byte*, byte*, int, int>)init;
        s_update = (delegate* unmanaged<nint, byte*, int*, byte*, int, int>)update;
        s_final = (delegate* unmanaged<nint, byte*, int*, int>)final;
        s_control = (delegate* unmanaged<nint, int, int, byte*, int>)control;
        IsSupported = true;
    }

    public LibcryptoGaloisMode(ReadOnlySpan<byte> key)
    {
        _context = s_new();
        fixed (byte* k = key)
        {
            if (_context == 0 || s_init(_context, key.Length == 32 ? s_aes256() : s_aes128(), 0, k, null, Encrypting) != 1)
                throw new CryptographicException("libcrypto does not offer AES-GCM.");
        }
    }

    ~LibcryptoGaloisMode() => Free();

    /// <summary>True if the library is there.</summary>
    public static bool IsSupported { get; }

    /// <summary>The library's own, which has the key; as long as this lives.</summary>
    public nint Context => _context;

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        Seal(_context, nonce, associated, data, tag);
        GC.KeepAlive(this);
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        bool genuine = TryOpen(_context, nonce, associated, data, tag);
        GC.KeepAlive(this);
        return genuine;
    }

    /// <summary>As the method of the object whose <see cref="Context"/> it is.</summary>
    public static void Seal(nint context, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, TagLength);
        Apply(context, nonce, associated, data, Encrypting);
        byte none;
        int length;
        fixed (byte* t = tag)
        {
            if (s_final(context, &none, &length) != 1 || s_control(context, GetTag, TagLength, t) != 1)
                throw new CryptographicException("libcrypto did not seal.");
        }
    }

    /// <summary>As the method of the object whose <see cref="Context"/> it is.</summary>
    public static bool TryOpen(nint context, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, TagLength);
        Apply(context, nonce, associated, data, Decrypting);
        byte none;
        int length;
        bool genuine;
        fixed (byte* t = tag)
            genuine = s_control(context, SetTag, TagLength, t) == 1 && s_final(context, &none, &length) == 1;
        // It was decrypted to be verified. The key stream once more makes it what it was.
        if (!genuine)
            Apply(context, nonce, [], data, Decrypting);
        return genuine;
    }

    public override void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static void Apply(nint context, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, Span<byte> data, int direction)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceLength);
        int length;
        fixed (byte* n = nonce, a = associated, d = data)
        {
            if (s_init(context, 0, 0, null, n, direction) != 1
                || (associated.Length > 0 && s_update(context, null, &length, a, associated.Length) != 1)
                || (data.Length > 0 && s_update(context, d, &length, d, data.Length) != 1))
                throw new CryptographicException("libcrypto failed.");
        }
    }

    private void Free()
    {
        if (_context != 0)
            s_free(_context);           // it wipes its keys
        _context = 0;
    }
}
