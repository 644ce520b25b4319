//! A library with NVML's face: what it says at each call stands in a script, which a test rewrites to change the hardware.
//!
//! Lines `key=value`: `init`, `count`, `sleep_ms`, and `0.uuid`, `0.name`, `0.power`, `0.energy`, `0.util`, `0.memory`, `0.mig`, `0.handle`,
//! `0.processes` of GPU 0. A value `rc:15` is a return code; a key that is not there is not supported. `\xff` stands for that byte. `processes` are
//! `stamp:pid:utilisation` with commas between them; the stamp `now` is the time of the call.
#![allow(non_snake_case, unsafe_code, reason = "C's names and pointers")]

use std::ffi::{c_char, c_void};

const SCRIPT: &str = env!("FAKE_NVML_SCRIPT");
const NOT_SUPPORTED: u32 = 3;

fn value(key: &str) -> Result<String, u32> {
    let script = std::fs::read_to_string(SCRIPT).unwrap_or_default();
    let find = |key: &str| script.lines().find_map(|line| Some(line.split_once('=').filter(|(k, _)| *k == key)?.1.to_owned()));
    if let Some(ms) = find("sleep_ms") {
        std::thread::sleep(std::time::Duration::from_millis(ms.parse().unwrap()));
    }
    let value = find(key).ok_or(NOT_SUPPORTED)?;
    match value.strip_prefix("rc:") {
        Some(code) => Err(code.parse().unwrap()),
        None => Ok(value),
    }
}

/// A handle is the number of the GPU plus one.
fn of(device: *mut c_void, key: &str) -> Result<String, u32> {
    value(&format!("{}.{key}", device as usize - 1))
}

fn put<T: std::str::FromStr>(to: *mut T, value: Result<String, u32>) -> u32 {
    match value {
        Ok(text) => match text.parse() {
            Ok(number) => {
                unsafe { to.write(number) };
                0
            }
            Err(_) => 999,
        },
        Err(code) => code,
    }
}

fn put_text(to: *mut c_char, length: u32, value: Result<String, u32>) -> u32 {
    let text = match value {
        Ok(text) => text,
        Err(code) => return code,
    };
    let mut bytes = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes.truncate(length as usize - 1);
    bytes.push(0);
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), to, bytes.len()) };
    0
}

#[unsafe(no_mangle)]
extern "C" fn nvmlInit_v2() -> u32 {
    match value("init") {
        Ok(_) | Err(NOT_SUPPORTED) => 0,
        Err(code) => code,
    }
}

#[unsafe(no_mangle)]
extern "C" fn nvmlShutdown() -> u32 {
    0
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetCount_v2(count: *mut u32) -> u32 {
    put(count, value("count"))
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetHandleByIndex_v2(index: u32, device: *mut *mut c_void) -> u32 {
    match value(&format!("{index}.handle")) {
        Ok(_) | Err(NOT_SUPPORTED) => {
            unsafe { device.write((index as usize + 1) as *mut c_void) };
            0
        }
        Err(code) => code,
    }
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetName(device: *mut c_void, name: *mut c_char, length: u32) -> u32 {
    put_text(name, length, of(device, "name"))
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetUUID(device: *mut c_void, uuid: *mut c_char, length: u32) -> u32 {
    put_text(uuid, length, of(device, "uuid"))
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetPowerUsage(device: *mut c_void, power: *mut u32) -> u32 {
    put(power, of(device, "power"))
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetTotalEnergyConsumption(device: *mut c_void, energy: *mut u64) -> u32 {
    put(energy, of(device, "energy"))
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetUtilizationRates(device: *mut c_void, rates: *mut [u32; 2]) -> u32 {
    // A driver that has grown the struct would write beyond it: this one writes what the header says.
    put(rates.cast::<u32>(), of(device, "util"))
}

#[repr(C)]
struct Memory {
    version: u32,
    total: u64,
    reserved: u64,
    free: u64,
    used: u64,
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetMemoryInfo_v2(device: *mut c_void, memory: *mut Memory) -> u32 {
    put(unsafe { &raw mut (*memory).used }, of(device, "memory"))
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetMigMode(device: *mut c_void, current: *mut u32, pending: *mut u32) -> u32 {
    unsafe { pending.write(0) };
    put(current, of(device, "mig"))
}

#[repr(C)]
struct ProcessUtilisation {
    pid: u32,
    stamp: u64,
    of_processors: u32,
    of_memory: u32,
    of_encoder: u32,
    of_decoder: u32,
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetProcessUtilization(device: *mut c_void, samples: *mut ProcessUtilisation, count: *mut u32, since: u64) -> u32 {
    const NOT_FOUND: u32 = 6;
    const INSUFFICIENT_SIZE: u32 = 7;
    let text = match of(device, "processes") {
        Ok(text) => text,
        Err(code) => return code,
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() as u64;
    let all: Vec<(u64, u32, u32)> = text
        .split(',')
        .filter(|sample| !sample.is_empty())
        .map(|sample| {
            let fields: Vec<&str> = sample.split(':').collect();
            (if fields[0] == "now" { now } else { fields[0].parse().unwrap() }, fields[1].parse().unwrap(), fields[2].parse().unwrap())
        })
        .filter(|(stamp, _, _)| *stamp > since)
        .collect();
    if all.is_empty() {
        return NOT_FOUND;
    }
    let room = unsafe { count.replace(all.len() as u32) };
    if samples.is_null() || (room as usize) < all.len() {
        return INSUFFICIENT_SIZE;
    }
    for (i, (stamp, pid, of_processors)) in all.into_iter().enumerate() {
        unsafe { samples.add(i).write(ProcessUtilisation { pid, stamp, of_processors, of_memory: 0, of_encoder: 0, of_decoder: 0 }) };
    }
    0
}

// Lists of processes, whose elements grew with a driver: a caller of another size is overrun, so nobody may call them.
#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetComputeRunningProcesses_v3() -> u32 {
    std::process::abort()
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetGraphicsRunningProcesses_v3() -> u32 {
    std::process::abort()
}
