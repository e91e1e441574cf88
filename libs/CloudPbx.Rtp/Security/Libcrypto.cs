using System.Runtime.InteropServices;

namespace CloudPbx.Rtp.Security;

/// <summary>OpenSSL's libcrypto, found at run time: the operating system keeps it current, and nothing breaks where it is missing.</summary>
internal static class Libcrypto
{
    private static readonly nint s_library =
        NativeLibrary.TryLoad("libcrypto.so.3", out nint library) || NativeLibrary.TryLoad("libcrypto.so.1.1", out library) ? library : 0;

    public static bool TryGet(string function, out nint address)
    {
        address = 0;
        return s_library != 0 && NativeLibrary.TryGetExport(s_library, function, out address);
    }
}
