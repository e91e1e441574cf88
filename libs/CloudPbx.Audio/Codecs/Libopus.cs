using System.Runtime.InteropServices;

namespace CloudPbx.Audio.Codecs;

/// <summary>The operating system's libopus, found at run time: nothing breaks where it is missing. Its states live in memory that we give it.</summary>
internal static unsafe partial class Libopus
{
    public const int Ok = 0;
    public const int ApplicationVoip = 2048;
    public const int SetBitrate = 4002, SetComplexity = 4010, SetInbandFec = 4012, SetPacketLoss = 4014, SetSignal = 4024;
    public const int SignalVoice = 3001;

    private const string Library = "libopus.so.0";

    /// <summary>Whether it can be loaded.</summary>
    /// <remarks>Set by tests alone: of a machine that has none.</remarks>
    public static bool IsPresent { get; internal set; } = NativeLibrary.TryLoad(Library, out _);

    [LibraryImport(Library)]
    public static partial int opus_encoder_get_size(int channels);

    [LibraryImport(Library)]
    public static partial int opus_encoder_init(byte* state, int rate, int channels, int application);

    // Variadic in C; with integers only the two calling conventions are the same on x86-64 and ARM64 Linux.
    [LibraryImport(Library)]
    public static partial int opus_encoder_ctl(byte* state, int request, int value);

    [LibraryImport(Library)]
    public static partial int opus_encode(byte* state, short* samples, int frame, byte* payload, int room);

    [LibraryImport(Library)]
    public static partial int opus_decoder_get_size(int channels);

    [LibraryImport(Library)]
    public static partial int opus_decoder_init(byte* state, int rate, int channels);

    [LibraryImport(Library)]
    public static partial int opus_decode(byte* state, byte* payload, int length, short* samples, int frame, int fec);

    [LibraryImport(Library)]
    public static partial int opus_packet_get_nb_samples(byte* payload, int length, int rate);
}
