using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CloudPbx.Load.Peers;

/// <summary>rtpengine's control protocol "ng": bencoded dictionaries over UDP, each with a cookie before it.</summary>
internal sealed class NgClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 1000 };
    private int _cookie;

    public NgClient(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>Sends a command and waits for its answer; a lost one is repeated with the same cookie, which rtpengine answers from its memory.</summary>
    /// <returns>The answer's strings by name.</returns>
    /// <exception cref="IOException">No answer.</exception>
    public IReadOnlyDictionary<string, string> Send(IReadOnlyDictionary<string, object> command)
    {
        string cookie = $"{Environment.ProcessId}_{++_cookie}";
        byte[] request = Encoding.UTF8.GetBytes($"{cookie} {Bencode(command)}"), answer = new byte[65535];
        for (int attempt = 0; attempt < 3; attempt++)
        {
            try
            {
                _socket.Send(request);
                while (true)
                {
                    string text = Encoding.UTF8.GetString(answer, 0, _socket.Receive(answer));
                    if (text.StartsWith(cookie + " ", StringComparison.Ordinal))
                        return ReadStrings(text.AsSpan(cookie.Length + 1));
                }
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.ConnectionRefused)
            {
                Thread.Sleep(100);              // it may only be starting
            }
        }
        throw new IOException("rtpengine does not answer");
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Writes text, lists of text and dictionaries.</summary>
    internal static string Bencode(object value) => value switch
    {
        string text => $"{Encoding.UTF8.GetByteCount(text)}:{text}",
        IReadOnlyDictionary<string, object> map => $"d{string.Concat(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => Bencode(pair.Key) + Bencode(pair.Value)))}e",
        IEnumerable<string> list => $"l{string.Concat(list.Select(Bencode))}e",
        _ => throw new ArgumentException($"{value.GetType().Name} is not bencoded here", nameof(value)),
    };

    /// <summary>Reads a dictionary's members that are strings; the answers that matter have only ASCII.</summary>
    internal static IReadOnlyDictionary<string, string> ReadStrings(ReadOnlySpan<char> text)
    {
        Dictionary<string, string> found = [];
        text = text[1..];
        while (text.Length > 0 && text[0] != 'e')
        {
            string name = ReadString(ref text);
            if (char.IsAsciiDigit(text[0]))
                found[name] = ReadString(ref text);
            else
                Skip(ref text);
        }
        return found;
    }

    private static string ReadString(ref ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(':'), length = int.Parse(text[..colon], CultureInfo.InvariantCulture);
        string value = new(text.Slice(colon + 1, length));
        text = text[(colon + 1 + length)..];
        return value;
    }

    private static void Skip(ref ReadOnlySpan<char> text)
    {
        switch (text[0])
        {
            case 'i':
                text = text[(text.IndexOf('e') + 1)..];
                break;
            case 'l' or 'd':
                text = text[1..];
                while (text[0] != 'e')
                    Skip(ref text);
                text = text[1..];
                break;
            default:
                _ = ReadString(ref text);
                break;
        }
    }
}
